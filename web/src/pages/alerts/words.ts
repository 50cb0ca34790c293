/** What kinds and states of alerts are called. */
import { useTranslation } from "react-i18next";
import { oneOf } from "~/parts/search-parameters";
import { CHANNEL_KINDS } from "./channel-values";

/** A kind of channel; one that this version does not know is shown as it is. */
export function useKindText(): (kind: string) => string {
  const { t } = useTranslation("alerts");
  return (kind) => {
    const known = oneOf(kind, CHANNEL_KINDS);
    return known ? t(`kind.${known}`) : kind;
  };
}
