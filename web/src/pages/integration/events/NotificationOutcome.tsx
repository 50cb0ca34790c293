/** What became of a notification. */
import { useTranslation } from "react-i18next";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconCopy, IconCritical, IconMinus } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import type { Notification } from "~/queries/events";
import { OUTCOMES } from "./route";

const LOOKS = {
  accepted: { tone: "healthy", icon: IconCheck },
  duplicate: { tone: "unknown", icon: IconCopy },
  kept: { tone: "unknown", icon: IconMinus },
  refused: { tone: "critical", icon: IconCritical },
} as const;

export function NotificationOutcome({ notification }: { notification: Notification }) {
  const { t } = useTranslation("events");
  const outcome = oneOf(notification.outcome, OUTCOMES) ?? "kept";
  return <ToneBadge {...LOOKS[outcome]} size="sm">{t(`outcomes.${outcome}`)}</ToneBadge>;
}
