/** One event: what it says, where it went, and sending it again to all. */
import { Button, Card, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { useFormat } from "~/language/use-format";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { NotFound } from "~/parts/NotFound";
import { RelativeTime } from "~/parts/RelativeTime";
import { Facts } from "~/parts/facts";
import { IconRefresh, IconSend } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { oneOf } from "~/parts/search-parameters";
import { eventQuery, useReplayEvent } from "~/queries/events";
import { useMay } from "~/session/session";
import { DeliveryTable } from "../webhooks/DeliveryTable";
import { eventRoute } from "./route";

const SOURCES = ["provider", "platform", "hub"] as const;

export function EventPage() {
  const { t } = useTranslation("events");
  const format = useFormat();
  const { integrationId, eventId } = eventRoute.useParams();
  const mayReplay = useMay("operator");
  const query = useQuery({ ...eventQuery(eventId), refetchInterval: 5_000 });
  const replay = useReplayEvent(eventId);
  const notices = useNotices();
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFound />;
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Stack><Skeleton h={90} /><Skeleton h={280} /></Stack>;
  const event = query.data;
  const again = () => replay.mutate(undefined, { onSuccess: ({ replayed }) => notices.done(t("replayed", { count: replayed, number: format.number(replayed) })), onError: (error) => notices.failed(error) });
  const facts = [
    { name: t("subject"), value: event.subject ?? "–" },
    { name: t("source"), value: t(`sources.${oneOf(event.source, SOURCES) ?? "hub"}`) },
    { name: t("at"), value: <RelativeTime at={event.occurredAt} /> },
    { name: t("stored"), value: <RelativeTime at={event.createdAt} /> },
    { name: t("id"), value: event.id },
    ...(event.isLate ? [{ name: t("late"), value: t("lateHelp") }] : []),
  ];
  return (
    <Stack gap="lg">
      <Card>
        <TextLink fz="sm" to="/integrations/$integrationId/events" params={{ integrationId }}>{t("back")}</TextLink>
        <Group justify="space-between" mt={6} mb="md">
          <Title order={2}>{event.type}</Title>
          {mayReplay && event.deliveries.length > 0 ? <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={replay.isPending} onClick={again}>{t("replay")}</Button> : null}
        </Group>
        <Facts facts={facts} columns={3} />
      </Card>
      <section aria-label={t("deliveries")}>
        <Title order={2} mb="sm">{t("deliveries")}</Title>
        {event.deliveries.length > 0 ? <DeliveryTable rows={event.deliveries} /> : <EmptyState icon={IconSend} title={t("undelivered.title")} order={3}>{t("undelivered.text")}</EmptyState>}
      </section>
      <section aria-label={t("payload")}><Title order={2} mb="sm">{t("payload")}</Title><JsonView value={event.payload} label={t("payload")} /></section>
    </Stack>
  );
}
