/** Who changed what: the log's entries about the configuration. */
import { Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Person } from "~/parts/Person";
import { RelativeTime } from "~/parts/RelativeTime";
import { IconList } from "~/parts/icons";
import type { Log, LogFilter } from "~/queries/logs";
import { LogDrawer } from "../logs/LogDrawer";
import { useLogRows } from "../logs/use-log-rows";
import { auditRoute } from "./route";

const CHANGES: LogFilter = { action: ["config_change"] };

export function AuditTab() {
  const { t } = useTranslation("integration");
  const format = useFormat();
  const { integrationId } = auditRoute.useParams();
  const { log: open } = auditRoute.useSearch();
  const navigate = useNavigate({ from: "/integrations/$integrationId/audit" });
  const { pages, rows, more, total } = useLogRows(integrationId, CHANGES, false);
  const columns = useMemo((): Column<Log>[] => [
    { key: "at", header: t("audit.at"), width: "92px", cell: (log) => <Text fz="xs" c="dimmed" component="span"><RelativeTime at={log.createdAt} /></Text> },
    { key: "what", header: t("audit.what"), width: "minmax(100px, 1fr)", cell: (log) => <Text fz="sm" className="breaks">{log.message}</Text> },
    { key: "who", header: t("audit.who"), width: "minmax(80px, 220px)", cell: (log) => (log.userId ? <Person id={log.userId} /> : t("audit.simpul")) },
    { key: "from", header: t("audit.from"), width: "150px", from: "md", cell: (log) => log.ipAddress ?? "–" },
  ], [t]);
  if (pages.isError && !pages.data) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <RowsSkeleton rows={8} />;
  if (rows.length === 0) return <EmptyState icon={IconList} title={t("audit.empty.title")}>{t("audit.empty.text")}</EmptyState>;
  return (
    <Stack gap="sm">
      <Text fz="sm" c="dimmed">{t("audit.text", { count: total, number: format.number(total) })}</Text>
      <DataTable label={t("tab.audit")} columns={columns} rows={rows} keyOf={(log) => log.id} total={total} openKey={open ?? null} onEnd={more} rowHeight={48} onOpen={(log) => void navigate({ search: { log: log.id }, replace: true })} />
      <LogDrawer log={rows.find((row) => row.id === open) ?? null} onClose={() => void navigate({ search: {}, replace: true })} />
    </Stack>
  );
}
