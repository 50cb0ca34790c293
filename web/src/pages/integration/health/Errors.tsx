/** What failed, by kind of error: a bar each, leading to the log entries behind it. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { TextLink } from "~/parts/links";
import type { HealthReport } from "~/queries/integration-health";
import classes from "./health.module.css";

export function Errors({ health }: { health: HealthReport }) {
  const { t } = useTranslation(["integration-health", "logs"]);
  const format = useFormat();
  const all = health.errorDistribution;
  const total = all.reduce((sum, one) => sum + one.count, 0);
  return (
    <Card component="section" aria-label={t("errors.title")}>
      <Title order={2} mb="sm">{t("errors.title")}</Title>
      {all.length === 0 ? <div className={classes.empty}><Text fz="sm" c="dimmed">{t(health.metrics.totalRequests === 0 ? "errors.nothing" : "errors.none")}</Text></div> : null}
      <Stack component="ul" gap="sm" className={classes.plain}>
        {all.map(({ type, errorType, count }) => (
          <li key={type}>
            <Group justify="space-between" gap="sm" wrap="nowrap" fz="sm" mb={4}>
              {errorType
                ? <TextLink to="/integrations/$integrationId/logs" params={{ integrationId: health.integrationId }} search={{ errorType }}>{t(`logs:errorType.${errorType}`)}</TextLink>
                : <span>{t("errors.other")}</span>}
              <span className="figures">{t("errors.count", { number: format.number(count), share: format.percent((count / total) * 100, 0) })}</span>
            </Group>
            <div className={classes.bar} aria-hidden><span style={{ width: `${(count / total) * 100}%` }} /></div>
          </li>
        ))}
      </Stack>
    </Card>
  );
}
