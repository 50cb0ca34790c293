/** The programs that a test runs: Simpul and the simulated providers, built by Cargo, each with a folder and ports of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const TARGET = process.env.SIMPUL_TEST_TARGET ?? resolve(import.meta.dirname, "../../../target/debug");
const STARTING = 30_000;

export const EMAIL = "ibu.sari@example.id";
export const PASSWORD = "sandi-untuk-uji-2026";
const PROVIDERS = ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"];

interface Started {
  readonly process: ChildProcess;
  readonly line: string;
  readonly output: string[];
}

/** Starts a program and waits for the first line of its output that says it is ready. */
async function started(name: string, args: string[], environment: Record<string, string>, folder: string, ready: RegExp): Promise<Started> {
  const process = spawn(join(TARGET, name), args, { cwd: folder, env: { PATH: "/usr/bin:/bin", ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  process.stderr?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const line = await new Promise<string>((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`${name} did not get ready:\n${output.join("")}`)), STARTING);
    process.once("error", failed);
    process.once("exit", (code) => failed(new Error(`${name} ended with ${code}:\n${output.join("")}`)));
    const stdout = process.stdout;
    if (!stdout) throw new Error("piped");
    createInterface({ input: stdout }).on("line", (text) => {
      output.push(`${text}\n`);
      if (!ready.test(text)) return;
      clearTimeout(timer);
      process.removeAllListeners("exit");
      found(text);
    });
  });
  return { process, line, output };
}

async function stopped(process: ChildProcess): Promise<number | null> {
  if (process.exitCode !== null) return process.exitCode;
  const ended = new Promise<number | null>((resolved) => process.once("exit", resolved));
  process.kill("SIGTERM");
  return ended;
}

export interface SimulatedAccount {
  readonly provider: string;
  readonly mode: "sandbox" | "production";
  readonly situation: string;
  readonly configuration: Record<string, string>;
}

export interface ReceivedWebhook {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly verified: boolean | null;
  readonly answered: number;
}

/** The simulated providers and receivers, directed over HTTP. */
export class Simulator {
  private constructor(private readonly program: ChildProcess, readonly http: string, readonly smtp: string) {}

  static async start(): Promise<Simulator> {
    const { process, line } = await started("simpul-simulator", [], {}, tmpdir(), /^\{/);
    const addresses = JSON.parse(line) as { http: string; smtp: string };
    return new Simulator(process, addresses.http, addresses.smtp);
  }

  private async control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`http://${this.http}/control/${path}`, { method, body: body === undefined ? null : JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the simulator refused ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async account(provider: string, situation = "right"): Promise<Record<string, string>> {
    const accounts = await this.control<SimulatedAccount[]>("GET", "accounts");
    const found = accounts.find((account) => account.provider === provider && account.situation === situation && account.mode === "sandbox");
    if (!found) throw new Error(`no account of ${provider} is ${situation}`);
    return found.configuration;
  }

  /** A named fault or an account's situation; null ends it. */
  async fault(provider: string, fault: string | null): Promise<void> {
    await this.control("PUT", `faults/${provider}`, { fault });
  }

  /** `accept`, `gone`, `slow`, `cut`, `redirect`, or a status; with the secret, each request's signature is checked. */
  async receiver(name: string, behaviour: string, secret?: string): Promise<void> {
    await this.control("PUT", `receivers/${name}`, { behaviour, ...(secret === undefined ? {} : { secret }) });
  }

  async received(name: string): Promise<ReceivedWebhook[]> {
    return this.control("GET", `receivers/${name}`);
  }

  receiverUrl(name: string): string {
    return `http://${this.http}/receiver/${name}`;
  }

  /** Sends a provider's notification to the hub, and answers the status. */
  async notify(provider: string, kind: string, seed: number, url: string, variant = "valid"): Promise<number> {
    const built = await this.control<{ headers: Record<string, string>; bodyBase64: string }>("POST", "notifications", { provider, kind, seed, url, variant });
    const answer = await fetch(url, { method: "POST", headers: built.headers, body: Buffer.from(built.bodyBase64, "base64") });
    return answer.status;
  }

  baseUrl(provider: string): string {
    return `http://${this.http}/${provider}`;
  }

  async stop(): Promise<void> {
    await stopped(this.program);
  }
}

/** A running `simpul serve` with an administrator. */
export class Hub {
  private constructor(private readonly program: ChildProcess, readonly url: string, private readonly folder: string, readonly output: string[]) {}

  static async start(simulator: Simulator, settings: Record<string, string> = {}): Promise<Hub> {
    const folder = mkdtempSync(join(tmpdir(), "simpul-e2e-"));
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const url = `http://localhost:${port}`;
    const environment: Record<string, string> = {
      SIMPUL_LISTEN: `127.0.0.1:${port}`,
      SIMPUL_PUBLIC_URL: url,
      SIMPUL_ADMIN_EMAIL: EMAIL,
      SIMPUL_ADMIN_PASSWORD: PASSWORD,
      SIMPUL_EGRESS_ALLOW: "127.0.0.0/8",
      ...settings,
    };
    for (const provider of PROVIDERS) environment[`SIMPUL_PROVIDER_${provider.toUpperCase()}_URL`] = simulator.baseUrl(provider);
    const { process, output } = await started("simpul", ["serve"], environment, folder, /listening on/);
    return new Hub(process, url, folder, output);
  }

  /** A request of a program with this key, or of nobody. */
  async api<T>(key: string, method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(`${this.url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    const envelope = (await answer.json()) as { success: boolean; data: T; error?: string };
    if (!envelope.success) throw new Error(`${method} ${path}: ${answer.status} ${envelope.error} ${JSON.stringify(envelope)}`);
    return envelope.data;
  }

  /** A key for programs, made as the administrator would. */
  async key(role = "super_admin", partnerId?: string): Promise<string> {
    const signedIn = await fetch(`${this.url}/api/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: EMAIL, password: PASSWORD }) });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    const made = await fetch(`${this.url}/api/admin/api-keys`, { method: "POST", headers: { "content-type": "application/json", cookie, origin: this.url }, body: JSON.stringify({ name: "uji", role, partnerId }) });
    const envelope = (await made.json()) as { data: { key: string } };
    return envelope.data.key;
  }

  async stop(): Promise<void> {
    const code = await stopped(this.program);
    rmSync(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`simpul ended with ${code}:\n${this.output.join("")}`);
  }
}
