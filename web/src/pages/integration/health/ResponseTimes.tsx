/** Response times over the window with its incidents: drawn, as a table for who prefers that, and in words. */
import { Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconChartLine, IconCritical, IconList, IconWarning } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import type { HealthSeries, Incident } from "~/queries/integration-health";
import { TimesTable } from "./TimesTable";
import { chartRows, covered, hasTimes, incidentSpans } from "./health-figures";
import classes from "./health.module.css";
import { LINES, coloured } from "./lines";

const ResponseTimeChart = lazy(() => import("./ResponseTimeChart"));

export function ResponseTimes({ series, incidents }: { series: HealthSeries; incidents: readonly Incident[] }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const [asTable, setAsTable] = useState(false);
  const rows = chartRows(series.points);
  const time = covered(series);
  const spans = incidentSpans(incidents, time);
  const drawn = hasTimes(series.points);
  const highest = rows.reduce((most, row) => Math.max(most, row.p99 ?? 0), 0);
  return (
    <Card component="section" aria-label={t("times.title")}>
      <Group justify="space-between" gap="xs" mb="sm">
        <Title order={2}>{t("times.title")}</Title>
        {drawn ? (
          <Button size="xs" variant="default" aria-pressed={asTable} leftSection={asTable ? <IconChartLine size={15} aria-hidden /> : <IconList size={15} aria-hidden />} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? "times.asChart" : "times.asTable")}
          </Button>
        ) : null}
      </Group>
      {drawn ? null : <div className={classes.empty}><Text fz="sm" c="dimmed" maw={460}>{t("times.empty")}</Text></div>}
      {drawn && asTable ? <TimesTable series={series} /> : null}
      {drawn && !asTable ? (
        <>
          <div className={classes.chart} role="img" aria-label={t("times.said", { highest: format.duration(highest), count: spans.length })}>
            <Suspense fallback={<Skeleton h={280} />}>
              <ResponseTimeChart rows={rows} time={time} spans={spans} />
            </Suspense>
          </div>
          <Group gap="md" mt={8} fz="xs" c="dimmed">
            {LINES.map(({ name, colour }) => <span key={name} className={classes.line} data-dash={name} style={coloured(colour)}>{t(`times.${name}`)}</span>)}
            {spans.length > 0 ? <span className={classes.shade}>{t("times.incident")}</span> : null}
          </Group>
        </>
      ) : null}
      <Incidents incidents={incidents.filter((one) => spans.some((span) => span.id === one.id))} />
    </Card>
  );
}

function Incidents({ incidents }: { incidents: readonly Incident[] }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  if (incidents.length === 0) return <Text fz="sm" c="dimmed" mt="md">{t("incidents.none")}</Text>;
  return (
    <Stack gap={8} mt="md" component="ul" className={classes.plain} aria-label={t("incidents.title")}>
      {incidents.slice(0, 5).map((one) => (
        <li key={one.id}>
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <ToneBadge size="sm" tone={one.severity === "critical" ? "critical" : "warning"} icon={one.severity === "critical" ? IconCritical : IconWarning}>{t(`severity.${one.severity}`)}</ToneBadge>
            <div style={{ minWidth: 0 }}>
              <TextLink fz="sm" to={incidentPath(one.id)}>{one.summary}</TextLink>
              <Text fz="xs" c="dimmed">
                {t(one.closedAt ? "incidents.over" : "incidents.open", { from: format.dateTime(one.startedAt), duration: format.duration(one.duration) })}
              </Text>
            </div>
          </Group>
        </li>
      ))}
      {incidents.length > 5 ? <Text component="li" fz="xs" c="dimmed">{t("incidents.more", { count: incidents.length - 5 })}</Text> : null}
    </Stack>
  );
}

function incidentPath(id: string): string {
  return `/incidents/${id}`;
}
