/** The form of a provider's account: its fields with the simulator's values, filled as a person does. */
import type { Page } from "playwright-core";
import type { Stage } from "./stage";

export interface Field {
  readonly label: string;
  readonly isChoice: boolean;
  readonly value: string;
}

/** The account's members as the form names them, in the form's order. */
export async function fieldsOf(stage: Stage, provider: string): Promise<Map<string, Field>> {
  const { hub, key, simulator } = stage;
  const account = await stage.configuration(provider);
  if (provider === "smtp") [account.host, account.port] = simulator.smtp.split(":");
  interface Known {
    readonly slug: string;
    readonly schema: { readonly required: readonly string[]; readonly properties: Record<string, { readonly title: string; readonly enum?: readonly string[] }> };
  }
  const schema = (await hub.api<Known[]>(key, "GET", "/api/admin/providers")).find((one) => one.slug === provider)?.schema;
  if (!schema) throw new Error(`the hub does not know ${provider}`);
  const known = Object.entries(schema.properties).filter(([name]) => name in account);
  return new Map(known.map(([name, { title, enum: choices }]) => [name, { label: schema.required.includes(name) ? title : `${title} (optional)`, isChoice: choices !== undefined, value: String(account[name]) }]));
}

/** As if one character had been copied wrongly; the form of the secret stays right. */
export function wrong(secret: string): string {
  return secret.replace(/\d(?=\D*$)/, "9");
}

export async function filled(page: Page, field: Field, value = field.value): Promise<void> {
  const input = page.getByLabel(field.label, { exact: true }).and(page.locator("input"));
  if (!field.isChoice) return input.fill(value);
  await input.click();
  await page.getByRole("option", { name: value, exact: true }).click();
}
