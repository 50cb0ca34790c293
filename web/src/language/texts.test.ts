/** Both languages have the same texts with the same places to fill, and none that no page uses. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES, type Language } from "./choice";

const folder = join(import.meta.dirname, ".");
const source = join(import.meta.dirname, "..");

function flat(texts: object, prefix = ""): Record<string, string> {
  const pairs = Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value as object, `${prefix}${key}.`)),
  );
  return Object.fromEntries(pairs);
}

function files(language: Language): string[] {
  return readdirSync(join(folder, language)).sort();
}

function texts(language: Language, file: string): Record<string, string> {
  return flat(JSON.parse(readFileSync(join(folder, language, file), "utf8")) as object);
}

const FORMS = /_(zero|one|two|few|many|other)$/;

/** `entries_one` and `entries_other` are one text with the forms that its language has. */
function names(all: Record<string, string>): string[] {
  return [...new Set(Object.keys(all).map((key) => key.replace(FORMS, "")))].sort();
}

function places(text: string): string[] {
  return [...new Set(text.match(/\{\{[^}]+\}\}|<\/?\d+>/g))].sort();
}

function sources(at: string): string[] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const path = join(at, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

describe("texts", () => {
  it("are split into the same files", () => expect(files("id")).toEqual(files("en")));

  describe.each(files("en"))("%s", (file) => {
    const namespace = file.replace(".json", "");
    const english = texts("en", file);
    const indonesian = texts("id", file);

    it("has the same texts in both languages", () => expect(names(indonesian)).toEqual(names(english)));

    it.each(LANGUAGES)("has the plural forms of %s", (language) => {
      const all = texts(language, file);
      const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.map((form) => `_${form}`).sort();
      for (const name of names(all)) {
        const forms = Object.keys(all).filter((key) => key.startsWith(`${name}_`) && key.replace(FORMS, "") === name).map((key) => key.slice(name.length)).sort();
        if (forms.length > 0) expect([name, forms]).toEqual([name, needed]);
      }
    });

    it("fills the same places in both languages", () => {
      for (const [key, text] of Object.entries(indonesian)) expect([key, places(text)]).toEqual([key, places(english[key] ?? "")]);
    });

    it("has none that no page uses", () => {
      const all = sources(source).join("\n");
      // `beat.${state}` in a template uses all texts under `beat.`.
      const starts = [...all.matchAll(/`(?:[a-z-]+:)?([\w.-]*)\$\{/g)].map((match) => match[1] ?? "").filter((start) => start.includes("."));
      const literals = new Set([...all.matchAll(/["'`](?:[a-z-]+:)?([\w.-]+)["'`]/g)].map((match) => match[1]));
      const unused = names(english).filter((name) => !literals.has(name) && !starts.some((start) => name.startsWith(start)));
      expect(unused, `unused in ${namespace}`).toEqual([]);
    });
  });
});
