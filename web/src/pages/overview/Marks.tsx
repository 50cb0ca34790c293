/** What a row has beside its health: an open incident, a pause, being out of use. */
import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ActiveBadge } from "~/parts/StatusBadge";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconIncident, IconPause } from "~/parts/icons";
import { incidentPath } from "~/parts/incident-paths";
import { TextLink } from "~/parts/links";
import type { HealthSummary } from "~/queries/overview";
import classes from "./overview.module.css";

const HEIGHT = 58;
const HEIGHT_WITH_MARKS = 78;

function hasMarks(row: HealthSummary): boolean {
  return Boolean(row.openIncidentId) || row.paused || !row.isActive;
}

/** Pixels of a row of the overview, as long as its words do not wrap. */
export function rowHeight(row: HealthSummary): number {
  return hasMarks(row) ? HEIGHT_WITH_MARKS : HEIGHT;
}

export function Marks({ row }: { row: HealthSummary }) {
  const { t } = useTranslation("overview");
  const format = useFormat();
  if (!hasMarks(row)) return null;
  return (
    <div className={classes.marks}>
      {row.openIncidentId ? (
        <TextLink to={incidentPath(row.openIncidentId)} className={classes.mark} aria-label={t("incidentOf", { name: row.displayName })} underline="never">
          <ToneBadge tone="critical" icon={IconIncident} size="sm">
            {t("incident")}
          </ToneBadge>
        </TextLink>
      ) : null}
      {row.paused ? (
        <Tooltip label={row.pausedUntil ? t("pausedUntil", { time: format.dateTime(row.pausedUntil) }) : t("pausedOpen")}>
          <span className={classes.mark}>
            <ToneBadge tone="information" icon={IconPause} size="sm">
              {t("paused")}
            </ToneBadge>
          </span>
        </Tooltip>
      ) : null}
      {row.isActive ? null : <ActiveBadge active={false} size="sm" />}
    </div>
  );
}
