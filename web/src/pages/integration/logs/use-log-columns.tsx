/** The columns of a log. */
import { Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { Column } from "~/parts/DataTable";
import { RelativeTime } from "~/parts/RelativeTime";
import { OutcomeBadge } from "~/parts/StatusBadge";
import type { Log } from "~/queries/logs";

export function useLogColumns(): Column<Log>[] {
  const { t } = useTranslation(["logs", "words"]);
  const format = useFormat();
  return useMemo(() => [
    { key: "status", header: t("status"), width: "96px", cell: (log) => <OutcomeBadge status={log.status} size="sm" /> },
    { key: "action", header: t("action"), width: "130px", from: "sm", cell: (log) => t(`logs:actions.${log.action}`) },
    {
      key: "message",
      header: t("message"),
      width: "minmax(90px, 1fr)",
      cell: (log) => (
        <>
          <Text fz="sm" lineClamp={1} className="breaks" title={log.message}>{log.message}</Text>
          {log.errorType ? <Text fz="xs" c="var(--tone-critical-text)">{t(`logs:errorType.${log.errorType}`)}</Text> : null}
        </>
      ),
    },
    { key: "duration", header: t("duration"), width: "80px", from: "md", align: "end", cell: (log) => (typeof log.duration === "number" ? format.duration(log.duration) : "–") },
    { key: "at", header: t("at"), width: "92px", align: "end", cell: (log) => <Text fz="xs" c="dimmed" component="span"><RelativeTime at={log.createdAt} /></Text> },
  ], [t, format]);
}
