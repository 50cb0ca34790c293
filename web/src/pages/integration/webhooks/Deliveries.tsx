/** What was sent to one webhook, narrowed by status and type; more as one scrolls. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { FilterChips } from "~/parts/FilterChips";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { SearchField } from "~/parts/SearchField";
import { IconSend } from "~/parts/icons";
import { deliveriesQuery } from "~/queries/deliveries";
import { DeliveryTable } from "./DeliveryTable";
import { DELIVERY_STATUSES, type WebhookSearch, webhookRoute } from "./route";

export function Deliveries({ webhookId }: { webhookId: string }) {
  const { t } = useTranslation(["webhooks", "words"]);
  const format = useFormat();
  const { status, eventType } = webhookRoute.useSearch();
  const navigate = useNavigate({ from: "/integrations/$integrationId/webhooks/$webhookId" });
  const show = (search: WebhookSearch) => void navigate({ search, replace: true });
  const query = useInfiniteQuery({ ...deliveriesQuery(webhookId, { status, eventType }), refetchInterval: 10_000 });
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  const total = query.data?.pages[0]?.pagination.total ?? 0;
  const chips = DELIVERY_STATUSES.map((value) => ({ value, label: t(`words:outcome.${value}`) }));
  const isFiltered = status !== undefined || eventType !== undefined;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <FilterChips single label={t("status")} chips={chips} chosen={status === undefined ? undefined : [status]} onChange={(chosen) => show({ status: chosen?.[0], eventType })} />
        <SearchField label={t("eventType")} value={eventType} onSearch={(text) => show({ status, eventType: text })} />
      </Group>
      {query.isError && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <RowsSkeleton rows={8} /> : null}
      {query.data && rows.length > 0 ? (
        <>
          <Text fz="sm" c="dimmed" role="status">{t("deliveries", { count: total, number: format.number(total) })}</Text>
          <DeliveryTable rows={rows} total={total} onEnd={more} />
        </>
      ) : null}
      {query.data && rows.length === 0 ? (
        isFiltered
          ? <EmptyState icon={IconSend} title={t("nothing.title")} action={<Button variant="default" onClick={() => show({})}>{t("nothing.clear")}</Button>}>{t("nothing.text")}</EmptyState>
          : <EmptyState icon={IconSend} title={t("noDeliveries.title")}>{t("noDeliveries.text")}</EmptyState>
      ) : null}
    </Stack>
  );
}
