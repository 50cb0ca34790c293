/** Makes a webhook, then shows its secret, this once. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { NotFound } from "~/parts/NotFound";
import { ButtonLink } from "~/parts/links";
import { useCreateWebhook } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { Secret } from "../Secret";
import { newWebhookRoute } from "../route";
import { WebhookForm } from "./WebhookForm";
import { FIRST, creationOf } from "./webhook-values";

export function NewWebhook() {
  const { t } = useTranslation(["webhooks", "common"]);
  const { integrationId } = newWebhookRoute.useParams();
  const may = useMay("admin");
  const create = useCreateWebhook(integrationId);
  if (!may) return <NotFound />;
  if (create.data) {
    const webhookId = create.data.id;
    return (
      <Card maw={720} role="status">
        <Stack>
          <div><Title order={2}>{t("created.title")}</Title><Text fz="sm" c="dimmed" className="breaks">{create.data.webhookUrl}</Text></div>
          <Secret webhook={create.data} />
          <Text fz="sm">{t("created.text")}</Text>
          <Group justify="flex-end"><ButtonLink to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId, webhookId }}>{t("created.open")}</ButtonLink></Group>
        </Stack>
      </Card>
    );
  }
  return (
    <WebhookForm
      isNew
      start={FIRST}
      error={create.error}
      busy={create.isPending}
      onSave={(values) => create.mutate(creationOf(values))}
      cancel={<ButtonLink variant="default" to="/integrations/$integrationId/webhooks" params={{ integrationId }}>{t("common:cancel")}</ButtonLink>}
    />
  );
}
