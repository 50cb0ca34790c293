/** What happened with an integration: filtered, counted, followed live, read in a drawer, taken away as a file. */
import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { LiveBadge } from "~/parts/LiveBadge";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { IconList } from "~/parts/icons";
import { ExportMenu } from "./ExportMenu";
import { LogDrawer } from "./LogDrawer";
import { LogFilters } from "./LogFilters";
import { isFiltered } from "./log-rows";
import { type LogSearch, logsRoute } from "./route";
import { useLogColumns } from "./use-log-columns";
import { useLogRows } from "./use-log-rows";

export function LogsTab() {
  const search = logsRoute.useSearch();
  const { log: _, ...filter } = search;
  // What the tail gathered belongs to one filter.
  return <Rows key={JSON.stringify(filter)} search={search} />;
}

/** Outlives a change of filter. */
let followed = false;

function Rows({ search }: { search: LogSearch }) {
  const { t } = useTranslation("logs");
  const format = useFormat();
  const { integrationId } = logsRoute.useParams();
  const navigate = useNavigate({ from: "/integrations/$integrationId/logs" });
  const { log: open, ...filter } = search;
  const [follows, setFollows] = useState(followed);
  const [atTop, setAtTop] = useState(true);
  const live = follows && atTop;
  const { pages, rows, more, stats, total, tailError } = useLogRows(integrationId, filter, live);
  const columns = useLogColumns();
  const show = (next: LogSearch) => void navigate({ search: next, replace: true });
  const follow = (on: boolean) => {
    followed = on;
    setFollows(on);
  };
  const opened = rows.find((row) => row.id === open);
  return (
    <Stack gap="md">
      <LogFilters filter={filter} stats={stats} onChange={show} />
      <Group justify="space-between" gap="xs" mih={36}>
        <Text fz="sm" c="dimmed" className="figures" role="status">{pages.data ? t("total", { count: total, number: format.number(total) }) : ""}</Text>
        <Group gap="sm">
          {follows ? (atTop ? <LiveBadge state={tailError ? "interrupted" : "live"} /> : <Text fz="xs" c="dimmed">{t("paused")}</Text>) : null}
          <Switch size="sm" label={t("follow")} checked={follows} onChange={(event) => follow(event.currentTarget.checked)} />
          <ExportMenu id={integrationId} filter={filter} />
        </Group>
      </Group>
      {pages.isError && !pages.data ? <ErrorState error={pages.error} onRetry={() => void pages.refetch()} /> : null}
      {pages.isPending ? <RowsSkeleton rows={10} height={44} /> : null}
      {pages.data && rows.length > 0 ? (
        <div onScrollCapture={(event) => setAtTop(event.target instanceof Element && event.target.scrollTop < 40)}>
          <DataTable label={t("list")} columns={columns} rows={rows} keyOf={(row) => row.id} total={total} openKey={open ?? null} onOpen={(row) => show({ ...filter, log: row.id })} onEnd={more} rowHeight={48} />
        </div>
      ) : null}
      {pages.data && rows.length === 0 ? (
        isFiltered(filter)
          ? <EmptyState icon={IconList} title={t("nothing.title")} action={<Button variant="default" onClick={() => show({})}>{t("nothing.clear")}</Button>}>{t("nothing.text")}</EmptyState>
          : <EmptyState icon={IconList} title={t("empty.title")}>{t("empty.text")}</EmptyState>
      ) : null}
      <LogDrawer log={opened ?? null} onClose={() => show(filter)} />
    </Stack>
  );
}
