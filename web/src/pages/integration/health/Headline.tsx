/** The verdict: badge and score, where it went since the window before, and every point that was taken off, with why. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ScoreRing } from "~/parts/ScoreRing";
import { HealthBadge } from "~/parts/StatusBadge";
import { IconArrowDown, IconArrowUp, IconMinus } from "~/parts/icons";
import type { HealthReport } from "~/queries/integration-health";
import type { Integration } from "~/queries/integrations";
import { scoreChange } from "./health-figures";
import classes from "./health.module.css";
import { type WindowWord, WINDOWS } from "./route";

const DEDUCTIONS = ["uptime", "latency", "consecutive_failures", "staleness"] as const;

export function Headline({ health, integration }: { health: HealthReport; integration: Integration }) {
  const { t } = useTranslation("integration-health");
  return (
    <Card component="section" aria-label={t("headline.title")}>
      <Title order={2} mb="md">{t("headline.title")}</Title>
      <Group gap="lg" align="center" wrap="nowrap">
        <ScoreRing score={health.healthScore} status={health.healthStatus} size={116} />
        <Stack gap={8} style={{ minWidth: 0 }}>
          <div><HealthBadge status={health.healthStatus} provisional={health.provisional && health.healthStatus !== "unknown"} /></div>
          <Trend health={health} />
        </Stack>
      </Group>
      <Deductions health={health} target={integration.settings.latencyTargetMs} />
    </Card>
  );
}

const TRENDS = {
  up: { icon: IconArrowUp, colour: "var(--tone-healthy-text)" },
  down: { icon: IconArrowDown, colour: "var(--tone-critical-text)" },
  steady: { icon: IconMinus, colour: "var(--mantine-color-dimmed)" },
} as const;

function Trend({ health }: { health: HealthReport }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const window = WINDOWS.find((word) => word === health.window) ?? ("24h" satisfies WindowWord);
  const before = t(`window.before.${window}`);
  const change = scoreChange(health.healthScore, health.previous.healthScore);
  const trend = health.trend === "up" || health.trend === "down" || health.trend === "steady" ? health.trend : null;
  if (trend === null || change === null) return <Text fz="sm" c="dimmed">{t("trend.none", { before })}</Text>;
  const { icon: Icon, colour } = TRENDS[trend];
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Icon size={18} aria-hidden color={colour} style={{ flex: "none", marginTop: 1 }} />
      <Text fz="sm">{t(`trend.${trend}`, { before, points: format.number(Math.abs(change), 1), score: format.number(health.previous.healthScore ?? 0, 1) })}</Text>
    </Group>
  );
}

function Deductions({ health, target }: { health: HealthReport; target: number }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const { metrics, deductions } = health;
  if (typeof metrics.successRate !== "number") return null;
  const values = {
    uptime: typeof metrics.uptime === "number" ? format.percent(metrics.uptime) : "–",
    p95: typeof metrics.p95ResponseTime === "number" ? format.duration(metrics.p95ResponseTime) : "–",
    target: format.duration(target),
  };
  const why = (code: string) => {
    const known = DEDUCTIONS.find((one) => one === code);
    return known ? { name: t(`deduction.${known}.name`), reason: t(`deduction.${known}.why`, values) } : { name: code, reason: "" };
  };
  return (
    <div className={classes.deductions}>
      <Text fz="xs" c="dimmed" fw={600} mb={6}>{t("deduction.title")}</Text>
      <dl className={classes.sum}>
        <div><dt>{t("deduction.start")}</dt><dd>{format.number(metrics.successRate, 2)}</dd></div>
        {deductions.map(({ code, points }) => {
          const { name, reason } = why(code);
          return <div key={code}><dt>{name}<span>{reason}</span></dt><dd data-taken>−{format.number(points, 1)}</dd></div>;
        })}
      </dl>
      {deductions.length === 0 ? <Text fz="sm" c="dimmed" mt={6}>{t("deduction.none")}</Text> : null}
    </div>
  );
}
