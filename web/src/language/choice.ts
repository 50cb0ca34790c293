/** Which language is shown, and where that is remembered. */

export const LANGUAGES = ["en", "id"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = "simpul.language";

/** The remembered language; else Indonesian for an Indonesian browser, English for all others. */
export function currentLanguage(): Language {
  const remembered = localStorage.getItem(KEY);
  if (remembered === "en" || remembered === "id") return remembered;
  return /^id\b/i.test(navigator.language) ? "id" : "en";
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
}
