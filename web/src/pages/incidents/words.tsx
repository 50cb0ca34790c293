/** How incidents are called and coloured. */
import { useTranslation } from "react-i18next";
import type { Language } from "~/language/choice";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconCritical, IconHealthy, IconIncident, IconWarning } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import type { Incident, Severity } from "~/queries/incidents";
import { ERROR_TYPES } from "../integration/logs/log-words";

const OWN_CAUSES = ["worse_band", "webhook_failing", "webhook_disabled", "expires_soon", "expired"] as const;

/** The language that the hub's sentences are asked for in. */
export function useSentenceLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "id" ? "id" : "en";
}

export function SeverityBadge({ severity, size }: { severity: Severity; size?: "sm" | "md" }) {
  const { t } = useTranslation("incidents");
  return (
    <ToneBadge tone={severity} icon={severity === "critical" ? IconCritical : IconWarning} size={size}>
      {t(`severity.${severity}`)}
    </ToneBadge>
  );
}

/** Open, taken on by somebody, or over. */
export function StateBadge({ incident, size }: { incident: Pick<Incident, "closedAt" | "acknowledgedAt">; size?: "sm" | "md" }) {
  const { t } = useTranslation("incidents");
  if (incident.closedAt) return <ToneBadge tone="healthy" icon={IconHealthy} size={size}>{t("state.closed")}</ToneBadge>;
  if (incident.acknowledgedAt) return <ToneBadge tone="information" icon={IconCheck} size={size}>{t("state.acknowledged")}</ToneBadge>;
  return <ToneBadge tone="degraded" icon={IconIncident} size={size}>{t("state.open")}</ToneBadge>;
}

/** A cause in words; one that this version does not know is shown as it is. */
export function useCauseText(): (cause: string) => string {
  const { t } = useTranslation(["incidents", "logs"]);
  return (cause) => {
    const own = oneOf(cause, OWN_CAUSES);
    if (own) return t(`incidents:cause.${own}`);
    const error = oneOf(cause, ERROR_TYPES);
    return error ? t(`logs:errorType.${error}`) : cause;
  };
}
