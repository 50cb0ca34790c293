/** The columns of the overview: on a phone the health and the name with what matters most beneath. */
import { Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { Column } from "~/parts/DataTable";
import { RelativeTime } from "~/parts/RelativeTime";
import { HealthBadge, ModeBadge, OutcomeBadge } from "~/parts/StatusBadge";
import { integrationPagePath } from "~/parts/integration-paths";
import { TextLink } from "~/parts/links";
import { providersQuery } from "~/queries/integrations";
import type { HealthSummary } from "~/queries/overview";
import { Marks } from "./Marks";
import { TrendMark } from "./TrendMark";

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
            <Text fz="xs" c="dimmed" hiddenFrom="sm" className="figures" pl={4} mt={2}>
              {score(row)}
            </Text>
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
            <TextLink to={integrationPagePath(row.integrationId)} fw={600} tabIndex={-1} className="breaks">
              {row.displayName}
            </TextLink>
            <Text fz="xs" c="dimmed" className="breaks" component="div">
              <span>{about(row)}</span>
              <Text span inherit hiddenFrom="sm">{` · ${row.partnerName}`}</Text>
            </Text>
            <Marks row={row} />
          </>
        ),
      },
      {
        key: "partner",
        header: t("partner"),
        width: "minmax(110px, 1.3fr)",
        from: "sm",
        cell: (row) => (
          <TextLink to="/partners/$partnerId" params={{ partnerId: row.partnerId }} tabIndex={-1} className="breaks">
            {row.partnerName}
          </TextLink>
        ),
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
            <Text fz="sm" className="figures">{typeof row.successRate === "number" ? format.percent(row.successRate, 1) : "–"}</Text>
            <Text fz="xs" c="dimmed" className="figures">
              {t("calls", { count: row.totalRequests, number: format.number(row.totalRequests) })}
            </Text>
          </>
        ),
      },
      {
        key: "p95",
        header: <Tooltip label={t("p95Help")}><span>{t("p95")}</span></Tooltip>,
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
            {row.lastTestedAt ? <Text fz="xs" c="dimmed" mt={2}><RelativeTime at={row.lastTestedAt} /></Text> : null}
          </>
        ),
      },
    ];
  }, [t, format, providers]);
}
