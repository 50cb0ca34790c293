/** What became of a message. */
import { useTranslation } from "react-i18next";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconClock, IconCritical, IconUnknown } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import { DELIVERY_STATES } from "~/queries/alerts";

const LOOKS = {
  waiting: { tone: "information", icon: IconClock },
  sent: { tone: "healthy", icon: IconCheck },
  failed: { tone: "critical", icon: IconCritical },
} as const;

export function DeliveryStateBadge({ state }: { state: string }) {
  const { t } = useTranslation("alerts");
  const known = oneOf(state, DELIVERY_STATES);
  return known ? <ToneBadge {...LOOKS[known]} size="sm">{t(`delivery.${known}`)}</ToneBadge> : <ToneBadge tone="unknown" icon={IconUnknown} size="sm">{state}</ToneBadge>;
}
