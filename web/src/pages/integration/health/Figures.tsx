/** The window's figures at a glance: success, requests, times, uptime with how much of it was seen, and the last test. */
import { Card, SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { RelativeTime } from "~/parts/RelativeTime";
import type { HealthReport } from "~/queries/integration-health";
import classes from "./health.module.css";

export function Figures({ health }: { health: HealthReport }) {
  const { t } = useTranslation(["integration-health", "words"]);
  const format = useFormat();
  const { metrics, lastTest, previous } = health;
  const percent = (value: number | null | undefined) => (typeof value === "number" ? format.percent(value) : "–");
  const time = (value: number | null | undefined) => (typeof value === "number" ? format.duration(value) : "–");
  const days = lastTest.daysSinceLastTest;
  return (
    <Card component="section" aria-label={t("figures.title")}>
      <SimpleGrid component="dl" m={0} cols={{ base: 2, sm: 3, lg: 6 }} spacing="lg" verticalSpacing="md">
        <Figure name={t("figures.success")} value={percent(metrics.successRate)} note={typeof previous.successRate === "number" ? t("figures.before", { value: percent(previous.successRate) }) : t("figures.noBefore")} />
        <Figure name={t("figures.requests")} value={format.number(metrics.totalRequests)} note={t("figures.failed", { count: metrics.failedCount, number: format.number(metrics.failedCount) })} />
        <Figure name={t("figures.average")} value={time(metrics.avgResponseTime)} note={t("figures.median", { value: time(metrics.p50ResponseTime) })} />
        <Figure name={t("figures.p95")} value={time(metrics.p95ResponseTime)} note={t("figures.p99", { value: time(metrics.p99ResponseTime) })} />
        <Figure name={t("figures.uptime")} value={percent(metrics.uptime)} note={t("figures.coverage", { value: percent(metrics.coverage) })} />
        <Figure name={t("figures.days")} value={typeof days === "number" ? format.number(days) : "–"} note={lastTest.testedAt ? <RelativeTime at={lastTest.testedAt} /> : t("figures.never")} />
      </SimpleGrid>
    </Card>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: ReactNode }) {
  return <div className={classes.figure}><dt>{name}</dt><dd>{value}</dd><dd>{note}</dd></div>;
}
