/** How a webhook stands: in use, failing, cut off for now, or disabled and why. */
import { useTranslation } from "react-i18next";
import { ActiveBadge } from "~/parts/StatusBadge";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCritical, IconPause, IconRefresh, IconWarning } from "~/parts/icons";
import type { Webhook } from "~/queries/webhooks";
import { stateOf } from "./webhook-state";

const LOOKS = {
  disabled: { tone: "critical", icon: IconCritical },
  open: { tone: "degraded", icon: IconPause },
  warned: { tone: "warning", icon: IconWarning },
  recovering: { tone: "information", icon: IconRefresh },
} as const;

export function WebhookState({ webhook, size }: { webhook: Webhook; size?: "sm" | "md" }) {
  const { t } = useTranslation("webhooks");
  const state = stateOf(webhook);
  if (state === "active" || state === "inactive") return <ActiveBadge active={state === "active"} size={size} />;
  return <ToneBadge {...LOOKS[state]} size={size}>{t(`state.${state}`)}</ToneBadge>;
}
