/** What happened at the provider or on the platform, as events; beside it the notifications as they came. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { RelativeTime } from "~/parts/RelativeTime";
import { IconBell, IconList } from "~/parts/icons";
import { ButtonLink, TextLink } from "~/parts/links";
import { oneOf } from "~/parts/search-parameters";
import { type HubEvent, eventsQuery } from "~/queries/events";
import { useIntegration } from "../use-integration";
import { familiesOf } from "../webhooks/form/event-choice";
import { eventsRoute } from "./route";

const SOURCES = ["provider", "platform", "hub"] as const;

export function EventsTab() {
  const { t } = useTranslation("events");
  const format = useFormat();
  const integration = useIntegration();
  const { type } = eventsRoute.useSearch();
  const navigate = useNavigate({ from: "/integrations/$integrationId/events" });
  const query = useInfiniteQuery({ ...eventsQuery(integration.id, type), refetchInterval: 15_000 });
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = useColumns();
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  const total = query.data?.pages[0]?.pagination.total ?? 0;
  const types = familiesOf(integration.integrationType).flatMap((one) => one.events);
  const params = { integrationId: integration.id };
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Select aria-label={t("type")} placeholder={t("type")} data={types} value={type ?? null} onChange={(value) => void navigate({ search: { type: value ?? undefined }, replace: true })} clearable searchable w={230} />
          <Text fz="sm" c="dimmed" role="status">{query.data ? t("total", { count: total, number: format.number(total) }) : ""}</Text>
        </Group>
        <ButtonLink variant="default" leftSection={<IconBell size={16} aria-hidden />} to="/integrations/$integrationId/events/notifications" params={params}>{t("notifications.title")}</ButtonLink>
      </Group>
      {query.isError && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <RowsSkeleton rows={8} /> : null}
      {query.data && rows.length > 0 ? <DataTable label={t("list")} columns={columns} rows={rows} keyOf={(one) => one.id} total={total} onEnd={more} rowHeight={48} onOpen={(one) => void navigate({ to: "/integrations/$integrationId/events/$eventId", params: { ...params, eventId: one.id } })} /> : null}
      {query.data && rows.length === 0 ? (
        type === undefined
          ? <EmptyState icon={IconList} title={t("empty.title")} action={<ButtonLink variant="default" to="/integrations/$integrationId/configuration" params={params}>{t("empty.action")}</ButtonLink>}>{t("empty.text")}</EmptyState>
          : <EmptyState icon={IconList} title={t("nothing")} action={<Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>{t("showAll")}</Button>} />
      ) : null}
    </Stack>
  );
}

function useColumns(): Column<HubEvent>[] {
  const { t } = useTranslation("events");
  return useMemo(() => [
    { key: "type", header: t("type"), width: "minmax(120px, 1fr)", cell: (one) => <TextLink fz="sm" fw={600} className="breaks" to="/integrations/$integrationId/events/$eventId" params={{ integrationId: one.integrationId, eventId: one.id }}>{one.type}</TextLink> },
    { key: "subject", header: t("subject"), width: "minmax(90px, 1.4fr)", from: "sm", cell: (one) => <Text fz="sm" lineClamp={1} title={one.subject ?? undefined}>{one.subject ?? "–"}{one.isLate ? <Text span fz="xs" c="dimmed"> · {t("late")}</Text> : null}</Text> },
    { key: "source", header: t("source"), width: "120px", from: "sm", cell: (one) => t(`sources.${oneOf(one.source, SOURCES) ?? "hub"}`) },
    { key: "at", header: t("at"), width: "minmax(92px, 124px)", align: "end", cell: (one) => <Text fz="xs" c="dimmed" component="span"><RelativeTime at={one.occurredAt} /></Text> },
  ], [t]);
}
