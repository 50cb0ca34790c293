/** Deliveries as rows, of a webhook or of an event. */
import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { RelativeTime } from "~/parts/RelativeTime";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { TextLink } from "~/parts/links";
import type { Delivery } from "~/queries/deliveries";

interface Props {
  readonly rows: readonly Delivery[];
  readonly total?: number;
  readonly onEnd?: () => void;
}

export function DeliveryTable({ rows, total, onEnd }: Props) {
  const { t } = useTranslation("webhooks");
  const format = useFormat();
  const navigate = useNavigate();
  const columns = useMemo((): Column<Delivery>[] => [
    { key: "status", header: t("status"), width: "96px", cell: (one) => <OutcomeBadge status={one.status} size="sm" /> },
    { key: "type", header: t("eventType"), width: "minmax(90px, 1fr)", cell: (one) => <TextLink fz="sm" className="breaks" to="/deliveries/$deliveryId" params={{ deliveryId: one.id }}>{one.eventType}</TextLink> },
    { key: "attempts", header: t("attempts"), width: "80px", from: "sm", align: "end", cell: (one) => format.number(one.attemptCount) },
    { key: "answer", header: t("answer"), width: "80px", from: "sm", align: "end", cell: (one) => one.lastResponseStatus ?? "–" },
    { key: "next", header: t("next"), width: "130px", from: "md", cell: (one) => <RelativeTime at={one.nextAttemptAt} /> },
    { key: "at", header: t("made"), width: "minmax(92px, 124px)", align: "end", cell: (one) => <Text fz="xs" c="dimmed" component="span"><RelativeTime at={one.createdAt} /></Text> },
  ], [t, format]);
  return <DataTable label={t("view.deliveries")} columns={columns} rows={rows} keyOf={(one) => one.id} total={total} onEnd={onEnd} rowHeight={46} onOpen={(one) => void navigate({ to: "/deliveries/$deliveryId", params: { deliveryId: one.id } })} />;
}
