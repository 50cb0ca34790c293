/** Badges for the closed lists of states that the hub knows. */
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import type { Tone } from "~/theme";
import { ToneBadge } from "./ToneBadge";
import {
  type Icon, IconCheck, IconClock, IconCritical, IconDegraded, IconFilter, IconFlask, IconHealthy, IconMinus, IconPause, IconPlay, IconTrash,
  IconUnknown, IconWarning,
} from "./icons";

export type HealthStatus = Schema<"HealthStatus">;
type Size = { readonly size?: "sm" | "md" };

export const HEALTH_STATUSES = ["critical", "degraded", "warning", "unknown", "healthy"] as const satisfies readonly HealthStatus[];

/** How each band looks; also for charts and tiles. */
export const HEALTH_LOOKS: Record<HealthStatus, { readonly tone: Tone; readonly icon: Icon }> = {
  healthy: { tone: "healthy", icon: IconHealthy },
  warning: { tone: "warning", icon: IconWarning },
  degraded: { tone: "degraded", icon: IconDegraded },
  critical: { tone: "critical", icon: IconCritical },
  unknown: { tone: "unknown", icon: IconUnknown },
};

/** A health band. `provisional`: fewer than five outcomes stand behind it. */
export function HealthBadge({ status, provisional = false, size }: { status: HealthStatus; provisional?: boolean } & Size) {
  const { t } = useTranslation("words");
  const word = t(`health.${status}`);
  return <ToneBadge {...HEALTH_LOOKS[status]} size={size}>{provisional ? t("provisional", { word }) : word}</ToneBadge>;
}

const OUTCOMES = {
  success: { tone: "healthy", icon: IconCheck },
  failed: { tone: "critical", icon: IconCritical },
  pending: { tone: "information", icon: IconClock },
  parked: { tone: "warning", icon: IconPause },
  filtered: { tone: "unknown", icon: IconFilter },
  dropped: { tone: "unknown", icon: IconTrash },
  limited: { tone: "warning", icon: IconWarning },
  never: { tone: "unknown", icon: IconMinus },
} as const satisfies Record<string, { tone: Tone; icon: Icon }>;

export type Outcome = keyof typeof OUTCOMES;

export function isOutcome(word: string): word is Outcome {
  return word in OUTCOMES;
}

/** How a test, log, attempt or delivery ended. A word that this version does not know is shown as it is. */
export function OutcomeBadge({ status, size }: { status: string } & Size) {
  const { t } = useTranslation("words");
  if (!isOutcome(status)) return <ToneBadge tone="unknown" icon={IconUnknown} size={size}>{status}</ToneBadge>;
  return <ToneBadge {...OUTCOMES[status]} size={size}>{t(`outcome.${status}`)}</ToneBadge>;
}

/** Whether something is in use. */
export function ActiveBadge({ active, size }: { active: boolean } & Size) {
  const { t } = useTranslation("words");
  return <ToneBadge tone={active ? "healthy" : "unknown"} icon={active ? IconPlay : IconPause} size={size}>{t(active ? "active" : "inactive")}</ToneBadge>;
}

/** Sandbox or production. */
export function ModeBadge({ testMode, size }: { testMode: boolean } & Size) {
  const { t } = useTranslation("words");
  return <ToneBadge tone={testMode ? "warning" : "information"} icon={testMode ? IconFlask : IconHealthy} size={size}>{t(testMode ? "sandbox" : "production")}</ToneBadge>;
}
