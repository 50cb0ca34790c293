/** The two halves of the verdict: the provider's connection and the deliveries to our receivers. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { HealthBadge } from "~/parts/StatusBadge";
import type { HealthReport } from "~/queries/integration-health";

export function Components({ health }: { health: HealthReport }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  return (
    <Card component="section" aria-label={t("components.title")}>
      <Title order={2} mb="sm">{t("components.title")}</Title>
      <Stack gap="md">
        {(["connection", "deliveries"] as const).map((name) => {
          const { healthStatus, totalRequests, successRate, failedCount } = health.components[name];
          return (
            <div key={name}>
              <Group justify="space-between" gap="sm">
                <Text fz="sm" fw={600}>{t(`components.${name}.name`)}</Text>
                <HealthBadge status={healthStatus} size="sm" />
              </Group>
              <Text fz="xs" c="dimmed">{t(`components.${name}.what`)}</Text>
              <Text fz="sm" mt={4} className="figures">
                {totalRequests === 0
                  ? t("components.nothing")
                  : t("components.figures", { rate: format.percent(successRate ?? 0), failed: format.number(failedCount), total: format.number(totalRequests) })}
              </Text>
            </div>
          );
        })}
      </Stack>
    </Card>
  );
}
