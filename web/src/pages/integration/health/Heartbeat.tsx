/** Whether the connection was there, sample by sample; each is read with its time and figures. */
import { Card, Group, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Beat, HeartbeatBar } from "~/parts/HeartbeatBar";
import type { HealthPoint, HealthSeries } from "~/queries/integration-health";
import { beatState, samples } from "./health-figures";

export function Heartbeat({ series }: { series: HealthSeries }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const shown = samples(series.points);
  const detail = (point: HealthPoint) =>
    [
      t("heartbeat.requests", { count: point.totalRequests, number: format.number(point.totalRequests) }),
      typeof point.successRate === "number" ? t("heartbeat.success", { value: format.percent(point.successRate) }) : null,
      typeof point.p95ResponseTime === "number" ? t("heartbeat.p95", { value: format.duration(point.p95ResponseTime) }) : null,
    ].filter(Boolean).join(" · ");
  const beats = shown.map((point): Beat => ({ at: point.at, state: beatState(point.state), detail: detail(point) }));
  const first = shown[0];
  return (
    <Card component="section" aria-label={t("heartbeat.title")}>
      <Group justify="space-between" gap={4} mb="sm">
        <Title order={2}>{t("heartbeat.title")}</Title>
        <Text fz="xs" c="dimmed">{t("heartbeat.samples", { count: beats.length, step: format.duration(series.step) })}</Text>
      </Group>
      <HeartbeatBar beats={beats} label={t("heartbeat.label")} />
      {first ? <Group justify="space-between" gap="xs"><Text fz="xs" c="dimmed">{format.dateTime(first.at)}</Text><Text fz="xs" c="dimmed">{t("heartbeat.now")}</Text></Group> : null}
    </Card>
  );
}
