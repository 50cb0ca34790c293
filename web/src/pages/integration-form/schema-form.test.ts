/** The form that follows from a provider's schema. */
import { describe, expect, it } from "vitest";
import { changesOf, configurationOf, fieldsOf, problemOf, startValues } from "./schema-form";

/** As `GET /api/admin/providers` writes it. */
const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  title: "SMTP",
  properties: {
    host: {
      type: "string",
      minLength: 1,
      maxLength: 1000,
      title: "Server",
      description: "The server's name",
      examples: ["smtp.example.com"],
      pattern: "^(?:[A-Za-z0-9.-]+)$",
    },
    port: { type: "integer", minimum: 1, maximum: 65535, title: "Port", description: "587 for STARTTLS", examples: [587] },
    password: {
      type: "string",
      minLength: 1,
      maxLength: 1000,
      title: "Password",
      description: "An app password",
      examples: ["EXAMPLE"],
      writeOnly: true,
    },
    encryption: { type: "string", enum: ["starttls", "tls", "none"], title: "Encryption", description: "", examples: ["starttls"] },
    fromName: { type: "string", maxLength: 5, title: "Sender", description: "", examples: ["Kopi"] },
    strange: "no schema",
  },
  required: ["host", "port", "password"],
  additionalProperties: false,
};
const fields = fieldsOf(schema);
const field = (name: string) => {
  const found = fields.find((one) => one.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

describe("fieldsOf", () => {
  it("keeps order, kinds, help and examples", () => {
    expect(fields.map((one) => [one.name, one.kind, one.required])).toEqual([
      ["host", "text", true],
      ["port", "number", true],
      ["password", "secret", true],
      ["encryption", "choice", false],
      ["fromName", "text", false],
    ]);
    expect(field("port")).toMatchObject({ title: "Port", help: "587 for STARTTLS", example: "587", minimum: 1, maximum: 65535 });
  });

  it("survives what is no schema", () => {
    expect(fieldsOf({})).toEqual([]);
    expect(fieldsOf({ properties: { a: { pattern: "(" } } })[0]).toMatchObject({ name: "a", title: "a", pattern: null, required: false });
  });
});

describe("problemOf", () => {
  it.each([
    ["host", "", { kind: "required" }],
    ["host", "smtp example", { kind: "pattern", example: "smtp.example.com" }],
    ["host", " smtp.example.com ", null],
    ["port", "70000", { kind: "range", minimum: 1, maximum: 65535 }],
    ["port", "5.5", { kind: "range", minimum: 1, maximum: 65535 }],
    ["port", "587", null],
    ["password", "two words", { kind: "spaces" }],
    ["password", "••••1a2bX", { kind: "masked" }],
    ["fromName", "", null],
    ["fromName", "too long", { kind: "long", longest: 5 }],
  ])("of %s = “%s”", (name, value, expected) => expect(problemOf(field(name), value)).toEqual(expected));

  it("takes an untouched mask for the stored secret", () => expect(problemOf(field("password"), "••••1a2b", "••••1a2b")).toBeNull());
});

describe("what is sent", () => {
  it("starts empty with the first choice, or with what is stored", () => {
    expect(startValues(fields)).toEqual({ host: "", port: "", password: "", encryption: "starttls", fromName: "" });
    expect(startValues(fields, { host: "a", port: 25, password: "••••1a2b" })).toEqual({
      host: "a",
      port: "25",
      password: "••••1a2b",
      encryption: "",
      fromName: "",
    });
  });

  it("creates with what is filled in, trimmed and in its type", () => {
    const values = { host: " a ", port: "587", password: "p", encryption: "tls", fromName: " " };
    expect(configurationOf(fields, values)).toEqual({ host: "a", port: 587, password: "p", encryption: "tls" });
  });

  it("changes only what differs, and removes what was emptied", () => {
    const start = { host: "a", port: "25", password: "••••1a2b", encryption: "tls", fromName: "Kopi" };
    expect(changesOf(fields, { ...start, port: "587", fromName: "" }, start)).toEqual({ port: 587, fromName: null });
    expect(changesOf(fields, start, start)).toEqual({});
  });
});
