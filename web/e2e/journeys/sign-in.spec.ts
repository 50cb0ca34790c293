/** Getting in, and what is seen before that. */
import { expect, test } from "vitest";
import { EMAIL, PASSWORD } from "../stage/programs";
import { expectNoBarriers, expectNoSidewaysScroll, onStage } from "../stage/stage";

const stage = onStage();

test("a person signs in by keyboard alone, and comes back to where she was going", async () => {
  const page = await stage().visitor();
  await page.goto("/partners");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expectNoBarriers(page);
  await page.keyboard.type(EMAIL);
  await page.keyboard.press("Tab");
  await page.keyboard.type("salah");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("The e-mail address or the password is wrong.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Partners", level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/partners");
});

test("the language and the colours of a first visit are the browser's, and a choice is remembered", async () => {
  const page = await stage().visitor({ language: "id", colours: "dark", width: "phone" });
  await page.goto("/");
  await page.getByRole("heading", { name: "Masuk" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("dark");
  await expectNoBarriers(page);
  await expectNoSidewaysScroll(page);
});

test("nothing of the page may come from elsewhere, and assets are kept for ever", async () => {
  const page = await stage().visitor();
  const answer = await page.goto("/");
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy.split(";").find((part) => part.trim().startsWith("script-src"))).not.toContain("unsafe");
  const script = await page.locator("script[type=module][src]").first().getAttribute("src");
  const asset = await page.request.get(script ?? "");
  expect(asset.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
});
