/** The address to enter at the provider, and where that is done. */
import { Alert, Card, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import { IconInfo } from "~/parts/icons";
import type { Integration, Provider } from "~/queries/integrations";

export function InboundUrl({ integration, provider }: { integration: Integration; provider: Provider }) {
  const { t } = useTranslation("integration-form");
  if (provider.notificationsHelp === null || provider.notificationsHelp === undefined) return null;
  return (
    <Card>
      <Title order={2}>{t("inbound")}</Title>
      <Text fz="sm" c="dimmed" mb="md">
        {t("inboundHelp", { provider: provider.label })}
      </Text>
      <Stack>
        <CopyField value={integration.inboundUrl} label={t("copyInbound")} />
        <Alert
          variant="light"
          color="nila"
          icon={<IconInfo aria-hidden />}
          title={t("inboundWhere", { provider: provider.label })}
          styles={{ message: { color: "var(--mantine-color-text)" } }}
        >
          {provider.notificationsHelp}
        </Alert>
      </Stack>
    </Card>
  );
}
