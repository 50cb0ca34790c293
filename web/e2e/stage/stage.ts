/** What every journey has: a hub, a simulator, a browser; signing in, looking for barriers, taking pictures. */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { openBrowser, openWindow, type View } from "./browser";
import { EMAIL, Hub, PASSWORD, Simulator } from "./programs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PICTURES = process.env.SIMPUL_TEST_PICTURES ?? resolve(import.meta.dirname, "../../screenshots");

export class Stage {
  private windows: BrowserContext[] = [];
  private people = 0;
  private constructor(readonly simulator: Simulator, readonly hub: Hub, readonly key: string, private readonly browser: Browser) {}

  static async set(settings?: Record<string, string>): Promise<Stage> {
    const simulator = await Simulator.start();
    const hub = await Hub.start(simulator, settings);
    return new Stage(simulator, hub, await hub.key(), await openBrowser());
  }

  /** A page of a new visitor. What the browser complains of fails the test. */
  async visitor(view: View = {}): Promise<Page> {
    const window = await openWindow(this.browser, this.hub.url, view);
    this.windows.push(window);
    const page = await window.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      // A refused request is part of some journeys, and the browser writes a line for each.
      if (message.type() === "error" && !text.startsWith("Failed to load resource")) complaints.push(`${page.url()}: ${text}`);
    });
    return page;
  }

  /** A page of somebody who has signed in. */
  async signedIn(view: View = {}, email = EMAIL, password = PASSWORD): Promise<Page> {
    const page = await this.visitor(view);
    const answer = await page.request.post("/api/auth/login", { data: { email, password }, headers: { origin: this.hub.url } });
    expect(answer.status()).toBe(200);
    return page;
  }

  /** Somebody with this role, signed in. */
  async signedInAs(role: "super_admin" | "admin" | "operator" | "viewer", view: View = {}): Promise<Page> {
    this.people += 1;
    const email = `${role}.${this.people}@example.id`;
    await this.hub.api(this.key, "POST", "/api/admin/users", { email, name: `Uji ${role}`, role, partnerId: null, password: PASSWORD });
    return this.signedIn(view, email);
  }

  async partner(name: string): Promise<string> {
    const partner = await this.hub.api<{ id: string }>(this.key, "POST", "/api/admin/partners", { name });
    return partner.id;
  }

  /** An integration of the simulator's account in this situation. */
  async integration(partnerId: string, integrationType: string, provider: string, situation = "right"): Promise<{ id: string; inboundUrl: string }> {
    const configuration = await this.configuration(provider, situation);
    return this.hub.api(this.key, "POST", `/api/admin/partners/${partnerId}/integrations`, { integrationType, provider, testMode: true, configuration });
  }

  /** The members of the simulator's account that the provider's form has. */
  async configuration(provider: string, situation = "right"): Promise<Record<string, unknown>> {
    const account = await this.simulator.account(provider, situation);
    const providers = await this.hub.api<{ slug: string; schema: { properties: Record<string, unknown> } }[]>(this.key, "GET", "/api/admin/providers");
    const known = providers.find((candidate) => candidate.slug === provider)?.schema.properties ?? {};
    return Object.fromEntries(Object.entries(account).filter(([name]) => name in known));
  }

  async closeWindows(): Promise<void> {
    for (const window of this.windows) await window.close();
    this.windows = [];
  }

  async strike(): Promise<void> {
    await this.closeWindows();
    await this.browser.close();
    await this.hub.stop();
    await this.simulator.stop();
  }
}

const complaints: string[] = [];

/** One stage for a file of journeys: set before the first, struck after the last; windows close after each. */
export function onStage(settings?: Record<string, string>): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.set(settings);
  });
  afterEach(async () => {
    await stage?.closeWindows();
    const heard = complaints.splice(0);
    expect(heard, "the browser complained").toEqual([]);
  });
  afterAll(async () => stage?.strike());
  return () => {
    if (!stage) throw new Error("the stage is not set");
    return stage;
  };
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: { readonly target: unknown; readonly failureSummary?: string }[];
}

/** No barrier that axe-core calls serious or critical (WCAG 2.1 A and AA). */
export async function expectNoBarriers(page: Page): Promise<void> {
  // By the debugging protocol: the page's own policy lets no foreign script in.
  await page.evaluate(await axeSource());
  const violations = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run: (context: unknown, options: unknown) => Promise<{ violations: unknown[] }> } }).axe;
    const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    return result.violations;
  });
  const serious = (violations as Violation[]).filter((violation) => violation.impact === "serious" || violation.impact === "critical");
  const told = serious.map((violation) => `${violation.id}: ${violation.help}\n${violation.nodes.map((node) => `  ${JSON.stringify(node.target)} ${node.failureSummary ?? ""}`).join("\n")}`);
  expect(told, page.url()).toEqual([]);
}

async function axeSource(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(AXE, "utf8");
}

/** The page is no wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: document.documentElement.clientWidth }));
  expect(wide, `${page.url()} is wider than its window`).toBeLessThanOrEqual(shown);
}

/** Writes a picture of the page into the folder of the run. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: resolve(PICTURES, `${name}.png`), fullPage: false });
}

/** Presses Tab until this has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let step = 0; step < 80; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`80 times Tab did not reach ${target.toString()}`);
}
