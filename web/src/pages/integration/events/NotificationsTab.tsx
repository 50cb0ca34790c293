/** What the provider sent, as it came: accepted, kept or refused and why; what was refused can be accepted after all. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { FilterChips } from "~/parts/FilterChips";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { RelativeTime } from "~/parts/RelativeTime";
import { IconBell } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Notification, notificationsQuery, useAcceptNotifications } from "~/queries/events";
import { useMay } from "~/session/session";
import { NotificationDrawer } from "./NotificationDrawer";
import { NotificationOutcome } from "./NotificationOutcome";
import { type NotificationSearch, OUTCOMES, REASONS, notificationsRoute } from "./route";

export function NotificationsTab() {
  const { t } = useTranslation("events");
  const format = useFormat();
  const { integrationId } = notificationsRoute.useParams();
  const { outcome, reason, open } = notificationsRoute.useSearch();
  const mayAccept = useMay("operator");
  const [asks, setAsks] = useState(false);
  const navigate = useNavigate({ from: "/integrations/$integrationId/events/notifications" });
  const show = (search: NotificationSearch) => void navigate({ search, replace: true });
  const query = useInfiniteQuery({ ...notificationsQuery(integrationId, { outcome, reason }), refetchInterval: 15_000 });
  const accept = useAcceptNotifications(integrationId);
  const notices = useNotices();
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = useColumns();
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  const first = query.data?.pages[0];
  const suppressed = first?.suppressed.lastHour ?? 0;
  const confirmed = async () => {
    const { accepted, duplicate, kept, stillRefused, unconfirmed, remaining } = await accept.mutateAsync(reason === undefined ? {} : { reason });
    notices.done(t("notifications.outcomeOfAll", { accepted, others: duplicate + kept, refused: stillRefused + unconfirmed, remaining }));
  };
  return (
    <Stack gap="sm">
      <TextLink fz="sm" to="/integrations/$integrationId/events" params={{ integrationId }}>{t("back")}</TextLink>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <FilterChips single label={t("notifications.outcome")} chips={OUTCOMES.map((value) => ({ value, label: t(`outcomes.${value}`) }))} chosen={outcome === undefined ? undefined : [outcome]} onChange={(chosen) => show({ outcome: chosen?.[0], reason: chosen?.[0] === "refused" ? reason : undefined })} />
          {outcome === "refused" ? <FilterChips single label={t("notifications.reason")} chips={REASONS.map((value) => ({ value, label: t(`reasons.${value}`) }))} chosen={reason === undefined ? undefined : [reason]} onChange={(chosen) => show({ outcome, reason: chosen?.[0] })} /> : null}
        </Group>
        {mayAccept && outcome === "refused" && rows.some((one) => one.canAccept) ? <Button variant="default" onClick={() => setAsks(true)}>{t("notifications.acceptAll")}</Button> : null}
      </Group>
      {suppressed > 0 ? <Text fz="sm" c="var(--tone-warning-text)">{t("notifications.suppressed", { count: suppressed, number: format.number(suppressed) })}</Text> : null}
      {query.isError && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <RowsSkeleton rows={8} /> : null}
      {query.data && rows.length > 0 ? <DataTable label={t("notifications.title")} columns={columns} rows={rows} keyOf={(one) => one.id} total={first?.pagination.total} openKey={open ?? null} onEnd={more} onOpen={(one) => show({ outcome, reason, open: one.id })} rowHeight={48} /> : null}
      {query.data && rows.length === 0 ? <EmptyState icon={IconBell} title={t("notifications.empty.title")}>{t(outcome === undefined ? "notifications.empty.text" : "notifications.empty.filtered")}</EmptyState> : null}
      <NotificationDrawer notification={rows.find((row) => row.id === open) ?? null} onClose={() => show({ outcome, reason })} />
      <ConfirmDialog opened={asks} onClose={() => setAsks(false)} tone="nila" title={t("notifications.acceptAllTitle")} confirm={t("notifications.acceptAll")} onConfirm={confirmed}>{t("notifications.acceptAllText")}</ConfirmDialog>
    </Stack>
  );
}

/** On a phone the reason stands whole below the outcome: beside it there is room for two words. */
function useColumns(): Column<Notification>[] {
  const { t } = useTranslation("events");
  const isNarrow = useMediaQuery("(max-width: 47.99em)", false, { getInitialValueInEffect: false });
  return useMemo(() => [
    { key: "outcome", header: t("notifications.outcome"), width: isNarrow ? "minmax(120px, 1fr)" : "106px", cell: (one) => <OutcomeCell notification={one} withReason={isNarrow} /> },
    { key: "reason", header: t("notifications.reason"), width: "minmax(80px, 1fr)", from: "sm", cell: (one) => <Text fz="sm" lineClamp={1} title={one.reason ?? undefined}>{one.reason ?? "–"}</Text> },
    { key: "from", header: t("notifications.from"), width: "150px", from: "md", cell: (one) => one.remoteAddress ?? "–" },
    { key: "at", header: t("notifications.at"), width: "minmax(92px, 0.16fr)", align: "end", cell: (one) => <Text fz="xs" c="dimmed" component="span"><RelativeTime at={one.receivedAt} /></Text> },
  ], [t, isNarrow]);
}

function OutcomeCell({ notification, withReason }: { notification: Notification; withReason: boolean }) {
  return (
    <>
      <NotificationOutcome notification={notification} />
      {withReason && notification.reason ? <Text fz="sm" mt={4} className="breaks">{notification.reason}</Text> : null}
    </>
  );
}
