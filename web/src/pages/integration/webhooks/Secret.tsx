/** A secret in clear, this once, with the public key where there is one. */
import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import type { Webhook } from "~/queries/webhooks";

export function Secret({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  return (
    <Stack gap="sm">
      {webhook.signatureScheme === "ed25519" ? null : (
        <div>
          <Text fz="sm" fw={600} mb={4}>{t("secret.title")}</Text>
          <CopyField value={webhook.webhookSecret} label={t("secret.copy")} />
          <Text fz="xs" c="dimmed" mt={4}>{t("secret.once")}</Text>
        </div>
      )}
      {webhook.publicKey ? (
        <div>
          <Text fz="sm" fw={600} mb={4}>{t("publicKey")}</Text>
          <CopyField value={webhook.publicKey} label={t("copyKey")} />
        </div>
      ) : null}
    </Stack>
  );
}
