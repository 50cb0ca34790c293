/** One webhook: how it stands, what can be done with it, and its deliveries, replays, settings and signature debugger. */
import { Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { RowMenu } from "~/parts/RowMenu";
import { IconEdit, IconKey, IconSend, IconTrash } from "~/parts/icons";
import { ButtonLink, TextLink } from "~/parts/links";
import { type WebhookDetail, webhookQuery } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { Deliveries } from "./Deliveries";
import { DeleteWebhook } from "./DeleteWebhook";
import { Replays } from "./Replays";
import { RotateSecret } from "./RotateSecret";
import { SendTest } from "./SendTest";
import { Standing } from "./Standing";
import { Verify } from "./Verify";
import { WebhookFacts } from "./WebhookFacts";
import { WebhookState } from "./WebhookState";
import classes from "../integration.module.css";
import { WEBHOOK_VIEWS, webhookRoute } from "./route";

export function WebhookPage() {
  const { webhookId } = webhookRoute.useParams();
  const query = useQuery({ ...webhookQuery(webhookId), refetchInterval: 10_000 });
  if (query.data) return <Shown key={webhookId} webhook={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFound />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Stack><Skeleton h={90} /><Skeleton h={320} /></Stack>;
}

function Shown({ webhook }: { webhook: WebhookDetail }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const { view = "deliveries" } = webhookRoute.useSearch();
  const mayTest = useMay("operator");
  const mayChange = useMay("admin");
  const [dialog, setDialog] = useState<"test" | "rotate" | "delete" | null>(null);
  const close = () => setDialog(null);
  const params = { integrationId: webhook.integrationId, webhookId: webhook.id };
  return (
    <Stack gap="lg">
      <Card>
        <TextLink fz="sm" to="/integrations/$integrationId/webhooks" params={params}>{t("back")}</TextLink>
        <Group justify="space-between" align="flex-start" gap="sm" mt={6}>
          <div style={{ minWidth: 0, flex: "1 1 280px" }}>
            <Group gap="sm"><Title order={2} className="breaks">{webhook.webhookUrl}</Title><WebhookState webhook={webhook} /></Group>
            {webhook.description ? <Text fz="sm" c="dimmed" className="breaks">{webhook.description}</Text> : null}
          </div>
          <Group gap={6} wrap="nowrap">
            {mayTest ? <Button variant="light" leftSection={<IconSend size={16} aria-hidden />} onClick={() => setDialog("test")}>{t("sendTest")}</Button> : null}
            {mayChange ? <ButtonLink variant="default" leftSection={<IconEdit size={16} aria-hidden />} to="/integrations/$integrationId/webhooks/$webhookId/edit" params={params}>{t("common:edit")}</ButtonLink> : null}
            {mayChange ? (
              <RowMenu
                label={t("more")}
                actions={[
                  { icon: IconKey, text: t("rotate.action"), act: () => setDialog("rotate") },
                  { icon: IconTrash, text: t("common:delete"), act: () => setDialog("delete"), destroys: true },
                ]}
              />
            ) : null}
          </Group>
        </Group>
        <Standing webhook={webhook} />
      </Card>
      <nav className={classes.tabs} aria-label={t("views")} style={{ marginBottom: 0 }}>
        {WEBHOOK_VIEWS.map((one) => (
          <Link key={one} to="/integrations/$integrationId/webhooks/$webhookId" params={params} search={one === "deliveries" ? {} : { view: one }} className={classes.tab} aria-current={view === one ? "page" : undefined} activeOptions={{ exact: true, includeSearch: true }}>{t(`view.${one}`)}</Link>
        ))}
      </nav>
      {view === "deliveries" ? <Deliveries webhookId={webhook.id} /> : null}
      {view === "replays" ? <Replays webhook={webhook} /> : null}
      {view === "settings" ? <WebhookFacts webhook={webhook} /> : null}
      {view === "verify" ? <Verify webhook={webhook} /> : null}
      <SendTest webhook={webhook} opened={dialog === "test"} onClose={close} />
      <RotateSecret webhook={webhook} opened={dialog === "rotate"} onClose={close} />
      <DeleteWebhook webhook={webhook} opened={dialog === "delete"} onClose={close} />
    </Stack>
  );
}
