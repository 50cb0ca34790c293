/** What was told: messages with what became of them, or alerts with where they stand. */
import { Button, Drawer, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { FilterChips } from "~/parts/FilterChips";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { RelativeTime } from "~/parts/RelativeTime";
import { Facts } from "~/parts/facts";
import { IconBell, IconRefresh } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { oneOf } from "~/parts/search-parameters";
import { type AlertDelivery, DELIVERY_STATES, alertChannelsQuery, alertDeliveriesQuery, alertRulesQuery, useRetryDelivery } from "~/queries/alerts";
import { useMay } from "~/session/session";
import { AlertList } from "./AlertList";
import { DeliveryStateBadge } from "./DeliveryStateBadge";
import { Message } from "./Preview";
import { type LogSearch, alertLogRoute } from "./route";

export function LogTab() {
  const { t } = useTranslation("alerts");
  const search = alertLogRoute.useSearch();
  const navigate = useNavigate({ from: "/alerts/log" });
  const show = (next: LogSearch) => void navigate({ search: next, replace: true });
  const views = [{ value: "messages", label: t("log.messages") }, { value: "alerts", label: t("log.alerts") }];
  return (
    <Stack gap="md">
      <Group><SegmentedControl aria-label={t("log.view")} data={views} value={search.view ?? "messages"} onChange={(view) => show({ view: oneOf(view, ["alerts"] as const) })} /></Group>
      {search.view === "alerts" ? <AlertList search={search} onShow={show} /> : <Messages search={search} onShow={show} />}
    </Stack>
  );
}

function Messages({ search, onShow }: { search: LogSearch; onShow: (search: LogSearch) => void }) {
  const { t } = useTranslation("alerts");
  const state = oneOf(search.state, DELIVERY_STATES);
  const query = useQuery({ ...alertDeliveriesQuery({ state, page: search.page }), refetchInterval: 10_000 });
  const [openId, setOpenId] = useState<string | null>(null);
  const columns = useColumns();
  const open = query.data?.data.find((one) => one.id === openId);
  return (
    <>
      <FilterChips single label={t("log.state")} chips={DELIVERY_STATES.map((value) => ({ value, label: t(`delivery.${value}`) }))} chosen={state && [state]} onChange={(chosen) => onShow({ state: chosen?.[0] })} />
      <Loaded query={query} skeleton={<RowsSkeleton rows={6} height={60} />}>
        {({ data: rows, pagination }) => rows.length > 0 ? (
          <div>
            <DataTable label={t("log.messages")} columns={columns} rows={rows} keyOf={(one) => one.id} total={pagination.total} rowHeight={60} openKey={openId} onOpen={(one) => setOpenId(one.id)} />
            <Pager pagination={pagination} onPage={(page) => onShow({ ...search, page })} />
          </div>
        ) : state
          ? <EmptyState icon={IconBell} title={t("log.nothing")} action={<Button variant="default" onClick={() => onShow({})}>{t("log.clear")}</Button>} />
          : <EmptyState icon={IconBell} title={t("log.empty.title")}>{t("log.empty.text")}</EmptyState>}
      </Loaded>
      <Drawer opened={open !== undefined} onClose={() => setOpenId(null)} size="lg" title={<Text fw={650}>{t("log.message")}</Text>}>
        {open ? <Detail delivery={open} /> : null}
      </Drawer>
    </>
  );
}

function useNames() {
  const channels = useQuery(alertChannelsQuery);
  const rules = useQuery(alertRulesQuery);
  return {
    channel: (id: string) => channels.data?.find((one) => one.id === id)?.name ?? "–",
    rule: (id: string | null) => (id === null ? null : (rules.data?.find((one) => one.id === id)?.name ?? "–")),
  };
}

function useColumns(): Column<AlertDelivery>[] {
  const { t } = useTranslation(["alerts", "common"]);
  const names = useNames();
  const mayRetry = useMay("operator");
  return [
    { key: "at", header: t("log.at"), width: "132px", from: "sm", cell: (one) => <RelativeTime at={one.createdAt} /> },
    {
      key: "message",
      header: t("log.message"),
      width: "minmax(150px, 3fr)",
      cell: (one) => (
        <>
          <Text fz="sm" fw={600} lineClamp={2} className="breaks" lang={one.message.language}>{one.message.title}</Text>
          <Text fz="xs" c="dimmed" lineClamp={1}>{[names.channel(one.channelId), names.rule(one.ruleId) ?? t("log.test")].join(" · ")}</Text>
          {one.state === "failed" && one.lastError ? <Text fz="xs" c="var(--tone-critical-text)" lineClamp={1} className="breaks">{one.lastError}</Text> : null}
        </>
      ),
    },
    { key: "state", header: t("log.state"), width: "116px", cell: (one) => <DeliveryStateBadge state={one.state} /> },
    ...(mayRetry ? [{ key: "retry", header: <span className="spoken">{t("common:actions")}</span>, width: "116px", from: "md" as const, align: "end" as const, cell: (one: AlertDelivery) => <Retry delivery={one} /> }] : []),
  ];
}

function Retry({ delivery }: { delivery: AlertDelivery }) {
  const { t } = useTranslation("alerts");
  const may = useMay("operator");
  const retry = useRetryDelivery();
  const notices = useNotices();
  if (!may || delivery.state !== "failed") return null;
  const act = () => retry.mutate(delivery.id, { onSuccess: () => notices.done(t("log.retried")), onError: (error) => notices.failed(error) });
  return <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} loading={retry.isPending} onClick={act}>{t("log.retry")}</Button>;
}

function Detail({ delivery }: { delivery: AlertDelivery }) {
  const { t } = useTranslation("alerts");
  const format = useFormat();
  const names = useNames();
  const { failedChannels, nextAttemptAt, lastError } = delivery;
  const facts = [
    { name: t("log.state"), value: <DeliveryStateBadge state={delivery.state} /> },
    { name: t("log.attempts"), value: format.number(delivery.attempts) },
    { name: t("log.channel"), value: names.channel(delivery.channelId) },
    { name: t("log.rule"), value: names.rule(delivery.ruleId) ?? t("log.test") },
    { name: t("log.at"), value: format.exact(delivery.createdAt) },
    { name: t("log.completed"), value: delivery.completedAt ? format.exact(delivery.completedAt) : "–" },
    ...(nextAttemptAt ? [{ name: t("log.next"), value: format.exact(nextAttemptAt) }] : []),
    ...(failedChannels.length > 0 ? [{ name: t("log.failedBefore"), value: failedChannels.map(names.channel).join(", ") }] : []),
    ...(lastError ? [{ name: t("log.error"), value: lastError }] : []),
  ];
  return <Stack><Message message={delivery.message} /><Facts facts={facts} /><Group justify="flex-end"><Retry delivery={delivery} /></Group></Stack>;
}
