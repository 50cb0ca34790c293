/** The texts of one language: every file of its folder is a namespace, named as the file is. */
import type { Language } from "./choice";

type Texts = Record<string, Record<string, unknown>>;

function byNamespace(files: Record<string, Record<string, unknown>>): Texts {
  const named = Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ""), texts] as const);
  return Object.fromEntries(named);
}

/** Loads a language; each is a chunk of its own, so only the one in use is fetched. */
export async function loadTexts(language: Language): Promise<Texts> {
  const module = language === "id" ? await import("./texts-id") : await import("./texts-en");
  return byNamespace(module.files);
}
