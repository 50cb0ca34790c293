/** Receivers of an integration's events, and how each stands. */
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { RelativeTime } from "~/parts/RelativeTime";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { IconPlus, IconWebhook } from "~/parts/icons";
import { ButtonLink, TextLink } from "~/parts/links";
import { type Webhook, webhooksQuery } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { WebhookState } from "./WebhookState";
import { webhooksRoute } from "./route";

export function WebhooksTab() {
  const { t } = useTranslation("webhooks");
  const { integrationId } = webhooksRoute.useParams();
  const mayChange = useMay("admin");
  const navigate = useNavigate();
  const query = useQuery({ ...webhooksQuery(integrationId), refetchInterval: 15_000 });
  const columns = useColumns();
  const add = mayChange ? <ButtonLink to="/integrations/$integrationId/webhooks/new" params={{ integrationId }} leftSection={<IconPlus size={16} aria-hidden />}>{t("new")}</ButtonLink> : null;
  const open = (webhook: Webhook) => void navigate({ to: "/integrations/$integrationId/webhooks/$webhookId", params: { integrationId, webhookId: webhook.id } });
  return (
    <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={64} />}>
      {(webhooks) =>
        webhooks.length === 0 ? <EmptyState icon={IconWebhook} title={t("empty.title")} action={add}>{t(mayChange ? "empty.text" : "empty.textForReaders")}</EmptyState> : (
          <Stack gap="sm">
            <Group justify="space-between"><Text fz="sm" c="dimmed" maw={640}>{t("description")}</Text>{add}</Group>
            <DataTable label={t("list")} columns={columns} rows={webhooks} keyOf={(one) => one.id} onOpen={open} rowHeight={64} />
          </Stack>
        )
      }
    </Loaded>
  );
}

function useColumns(): Column<Webhook>[] {
  const { t } = useTranslation("webhooks");
  const format = useFormat();
  return useMemo(() => [
    {
      key: "url",
      header: t("url"),
      width: "minmax(150px, 2fr)",
      cell: (one) => (
        <>
          <TextLink fz="sm" fw={600} lineClamp={1} className="breaks" to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId: one.integrationId, webhookId: one.id }} title={one.webhookUrl}>{one.webhookUrl}</TextLink>
          <Text fz="xs" c="dimmed" lineClamp={1}>{[one.description, one.events.length === 0 ? t("allEvents") : one.events.join(", ")].filter(Boolean).join(" · ")}</Text>
          {one.disabledReason ? <Text fz="xs" c="var(--tone-critical-text)" lineClamp={1} title={one.disabledReason}>{one.disabledReason}</Text> : null}
        </>
      ),
    },
    { key: "state", header: t("status"), width: "minmax(104px, 150px)", cell: (one) => <WebhookState webhook={one} size="sm" /> },
    { key: "last", header: t("lastStatus"), width: "104px", from: "md", cell: (one) => (one.lastStatus ? <OutcomeBadge status={one.lastStatus} size="sm" /> : "–") },
    { key: "at", header: t("lastTriggered"), width: "130px", from: "sm", cell: (one) => <RelativeTime at={one.lastTriggeredAt} never={t("never")} /> },
    { key: "failures", header: t("failures"), width: "90px", from: "md", align: "end", cell: (one) => format.number(one.failureCount) },
  ], [t, format]);
}
