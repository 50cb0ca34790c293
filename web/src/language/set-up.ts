/** i18next with the chosen language loaded; the other is fetched when it is switched to. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { type Language, currentLanguage, rememberLanguage } from "./choice";
import { loadTexts } from "./texts";

/** Call before the first render. */
export async function startLanguage(): Promise<void> {
  const language = currentLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: [],
    defaultNS: "common",
    resources: { [language]: await loadTexts(language) },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  rememberLanguage(language);
}

/** Switches all texts at once, without loading the page again. */
export async function switchLanguage(language: Language): Promise<void> {
  const texts = await loadTexts(language);
  for (const [namespace, words] of Object.entries(texts)) i18next.addResourceBundle(language, namespace, words);
  rememberLanguage(language);
  await i18next.changeLanguage(language);
}
