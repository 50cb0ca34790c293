/** A real browser: found on the machine, never downloaded. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const PLACES = [
  process.env.SIMPUL_TEST_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place): place is string => place !== undefined && existsSync(place));
  if (!executablePath) throw new Error("no Chromium was found: install it (Debian: apt install chromium), or set SIMPUL_TEST_CHROMIUM to its path");
  return chromium.launch({ executablePath, headless: true, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export type Width = "desktop" | "phone";
export type Colours = "light" | "dark";
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

export interface View {
  readonly width?: Width;
  readonly colours?: Colours;
  readonly language?: "en" | "id";
}

/** A window of its own, as of a person who uses Simpul for the first time. */
export async function openWindow(browser: Browser, url: string, view: View = {}): Promise<BrowserContext> {
  const { width = "desktop", colours = "light", language = "en" } = view;
  return browser.newContext({
    baseURL: url,
    viewport: SIZES[width],
    colorScheme: colours,
    locale: language === "id" ? "id-ID" : "en-GB",
    timezoneId: "Asia/Jakarta",
    hasTouch: width === "phone",
    isMobile: width === "phone",
    reducedMotion: "reduce",
  });
}
