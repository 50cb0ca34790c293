/** The columns of the overview: on a phone the health and the name with what matters most beneath. */
import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { Column } from "~/parts/DataTable";
import { RelativeTime } from "~/parts/RelativeTime";
import { HealthBadge, ModeBadge, OutcomeBadge } from "~/parts/StatusBadge";
import { integrationPagePath } from "~/parts/integration-paths";
import { providersQuery } from "~/queries/integrations";
import type { HealthSummary } from "~/queries/overview";
import { Marks } from "./Marks";
import { TrendMark } from "./TrendMark";
import classes from "./overview.module.css";

// Plain elements: a fast scroll draws hundreds of rows a second.
export function useOverviewColumns(): Column<HealthSummary>[] {
  const { t } = useTranslation(["overview", "words"]);
  const format = useFormat();
  const { data: providers } = useQuery(providersQuery);
  return useMemo(() => {
    const labels = new Map(providers?.map((one) => [one.slug, one.label]));
    // An integration that bears its provider's name says its type beneath.
    const about = (row: HealthSummary) => {
      const label = labels.get(row.provider) ?? row.provider;
      return label === row.displayName ? t(`words:type.${row.integrationType}`) : label;
    };
    const score = (row: HealthSummary) => (typeof row.healthScore === "number" ? format.number(row.healthScore, 1) : "–");
    return [
      {
        key: "health",
        header: t("health"),
        width: "minmax(118px, 132px)",
        cell: (row) => (
          <>
            <HealthBadge status={row.healthStatus} size="sm" />
            <div className={classes.phoneScore}>{score(row)}</div>
          </>
        ),
      },
      { key: "score", header: t("score"), width: "52px", from: "sm", align: "end", cell: (row) => <span className="figures">{score(row)}</span> },
      {
        key: "name",
        header: t("name"),
        width: "minmax(140px, 2fr)",
        cell: (row) => (
          <>
            <Link to={integrationPagePath(row.integrationId)} tabIndex={-1} className={classes.name}>
              {row.displayName}
            </Link>
            <div className={classes.small}>
              {about(row)}
              <span className={classes.phoneOnly}>{` · ${row.partnerName}`}</span>
            </div>
            <Marks row={row} />
          </>
        ),
      },
      {
        key: "partner",
        header: t("partner"),
        width: "minmax(110px, 1.3fr)",
        from: "sm",
        cell: (row) => <span className="breaks">{row.partnerName}</span>,
      },
      { key: "mode", header: t("mode"), width: "112px", from: "md", cell: (row) => <ModeBadge testMode={row.testMode} size="sm" /> },
      {
        key: "rate",
        header: t("rate"),
        width: "84px",
        from: "md",
        align: "end",
        cell: (row) => (
          <>
            <div className="figures">{typeof row.successRate === "number" ? format.percent(row.successRate, 1) : "–"}</div>
            <div className={classes.small}>{t("calls", { count: row.totalRequests, number: format.number(row.totalRequests) })}</div>
          </>
        ),
      },
      {
        key: "p95",
        header: <span title={t("p95Help")}>{t("p95")}</span>,
        width: "64px",
        from: "lg",
        align: "end",
        cell: (row) => <span className="figures">{typeof row.p95ResponseTime === "number" ? format.duration(row.p95ResponseTime) : "–"}</span>,
      },
      { key: "trend", header: t("trend"), width: "64px", from: "lg", cell: (row) => <TrendMark row={row} /> },
      {
        key: "lastTest",
        header: t("lastTest"),
        width: "124px",
        from: "md",
        cell: (row) => (
          <>
            <OutcomeBadge status={row.lastTestStatus ?? "never"} size="sm" />
            {row.lastTestedAt ? <div className={classes.small}><RelativeTime at={row.lastTestedAt} /></div> : null}
          </>
        ),
      },
    ];
  }, [t, format, providers]);
}
