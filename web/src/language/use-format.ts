/** Formatting in the language and time zone of the reader. */
import { useTranslation } from "react-i18next";
import { useTimeZone } from "~/session/preferences";
import { type Format, formatFor } from "./format";

export function useFormat(): Format {
  const { i18n } = useTranslation();
  const [timeZone] = useTimeZone();
  return formatFor(i18n.language === "id" ? "id" : "en", timeZone);
}
