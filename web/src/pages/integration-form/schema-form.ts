/** From a provider's JSON Schema to the fields of a form, and from what was typed to the request. Pure. */

export interface FormField {
  readonly name: string;
  readonly title: string;
  /** What it is and where to find it. */
  readonly help: string;
  readonly example: string;
  readonly kind: "text" | "secret" | "number" | "choice";
  readonly required: boolean;
  readonly pattern: RegExp | null;
  /** Of a choice. */
  readonly choices: readonly string[];
  /** Of a number. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly longest: number;
}

/** What the form holds: everything is text while it is typed. */
export type Values = Record<string, string>;

/** What is wrong with a field; a text of `integration-form` under `problem`. */
export type Problem =
  | { readonly kind: "required" }
  | { readonly kind: "spaces" }
  | { readonly kind: "masked" }
  | { readonly kind: "long"; readonly longest: number }
  | { readonly kind: "range"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "pattern"; readonly example: string };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** The fields in the schema's order. What the form cannot show (an object, a list) is left out. */
export function fieldsOf(schema: Record<string, unknown>): FormField[] {
  if (!isRecord(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    isRecord(property) ? [fieldOf(name, property, required.includes(name))] : [],
  );
}

function fieldOf(name: string, property: Record<string, unknown>, required: boolean): FormField {
  const choices = Array.isArray(property.enum) ? property.enum.filter((choice) => typeof choice === "string") : [];
  const isNumber = property.type === "integer" || property.type === "number";
  return {
    name,
    title: text(property.title) || name,
    help: text(property.description),
    example: Array.isArray(property.examples) ? text(property.examples[0]) : "",
    kind: choices.length > 0 ? "choice" : isNumber ? "number" : property.writeOnly === true ? "secret" : "text",
    required,
    pattern: patternOf(property.pattern),
    choices,
    minimum: number(property.minimum),
    maximum: number(property.maximum),
    longest: number(property.maxLength) ?? 1_000,
  };
}

/** A pattern that this browser does not read is left to the hub, which checks everything again. */
function patternOf(source: unknown): RegExp | null {
  if (typeof source !== "string") return null;
  try {
    return new RegExp(source);
  } catch {
    return null;
  }
}

/** What the form starts with: what is stored (secrets masked), or nothing; a choice that must be made starts with its first. */
export function startValues(fields: readonly FormField[], stored: Record<string, unknown> = {}): Values {
  const isNew = Object.keys(stored).length === 0;
  return Object.fromEntries(
    fields.map((field) => [field.name, text(stored[field.name]) || (isNew && field.kind === "choice" ? (field.choices[0] ?? "") : "")]),
  );
}

/** Whether a text is the mask of a secret, or was made from one. */
export function isMasked(value: string): boolean {
  return value.includes("••");
}

/** What is wrong with a value as it stands; `stored` is what the field held at first. */
export function problemOf(field: FormField, value: string, stored = ""): Problem | null {
  if (value.trim() === "") return field.required ? { kind: "required" } : null;
  // A mask that nobody touched stands for the stored secret.
  if (field.kind === "secret" && value === stored) return null;
  if (field.kind === "secret" && isMasked(value)) return { kind: "masked" };
  if (field.kind === "number") return numberProblem(field, value);
  if (value.length > field.longest) return { kind: "long", longest: field.longest };
  if (field.kind === "secret" && /\s/.test(value.trim())) return { kind: "spaces" };
  if (field.pattern !== null && !field.pattern.test(value.trim())) return { kind: "pattern", example: field.example };
  return null;
}

function numberProblem(field: FormField, value: string): Problem | null {
  const minimum = field.minimum ?? Number.MIN_SAFE_INTEGER;
  const maximum = field.maximum ?? Number.MAX_SAFE_INTEGER;
  const read = Number(value);
  return Number.isInteger(read) && read >= minimum && read <= maximum ? null : { kind: "range", minimum, maximum };
}

function typed(field: FormField, value: string): string | number {
  return field.kind === "number" ? Number(value) : value.trim();
}

/** The configuration to create or test with: what is filled in. */
export function configurationOf(fields: readonly FormField[], values: Values): Record<string, string | number> {
  const filled = fields.filter((field) => (values[field.name] ?? "").trim() !== "");
  return Object.fromEntries(filled.map((field) => [field.name, typed(field, values[field.name] ?? "")]));
}

/** What a change sends: the members that differ from what the form started with; `null` removes one. */
export function changesOf(fields: readonly FormField[], values: Values, start: Values): Record<string, string | number | null> {
  const changed = fields.filter((field) => (values[field.name] ?? "").trim() !== (start[field.name] ?? "").trim());
  return Object.fromEntries(
    changed.map((field) => {
      const value = values[field.name] ?? "";
      return [field.name, value.trim() === "" ? null : typed(field, value)];
    }),
  );
}
