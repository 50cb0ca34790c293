/** One delivery: the event that it carries, every attempt, and sending it again. */
import { Button, Card, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import type { Schema } from "~/api/client";
import { useFormat } from "~/language/use-format";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { PageSkeleton } from "~/parts/PageSkeleton";
import { RelativeTime } from "~/parts/RelativeTime";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { Facts } from "~/parts/facts";
import { IconClock, IconRefresh } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { deliveryQuery, useReplayDelivery } from "~/queries/deliveries";
import { eventQuery } from "~/queries/events";
import { webhookQuery } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { AttemptCard } from "./AttemptCard";
import { deliveryRoute } from "./route";

export function DeliveryPage() {
  const { deliveryId } = deliveryRoute.useParams();
  const query = useQuery(deliveryQuery(deliveryId));
  if (query.data) return <Shown key={deliveryId} delivery={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFound />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Shown({ delivery }: { delivery: Schema<"DeliveryDetail"> }) {
  const { t } = useTranslation("deliveries");
  const format = useFormat();
  const mayReplay = useMay("operator");
  const webhook = useQuery(webhookQuery(delivery.webhookId));
  const event = useQuery(eventQuery(delivery.eventId));
  const replay = useReplayDelivery(delivery.id);
  const notices = useNotices();
  const again = () => replay.mutate(undefined, { onSuccess: () => notices.done(t("again")), onError: (error) => notices.failed(error) });
  const integrationId = webhook.data?.integrationId;
  const facts = [
    { name: t("webhook"), value: webhook.data ? <TextLink to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId: webhook.data.integrationId, webhookId: delivery.webhookId }}>{webhook.data.webhookUrl}</TextLink> : "–" },
    { name: t("made"), value: <RelativeTime at={delivery.createdAt} /> },
    { name: t("attempts"), value: format.number(delivery.attemptCount) },
    delivery.status === "pending" ? { name: t("next"), value: <RelativeTime at={delivery.nextAttemptAt} /> } : { name: t("completed"), value: <RelativeTime at={delivery.completedAt} /> },
    { name: t("eventId"), value: delivery.eventId },
  ];
  return (
    <>
      <PageHeader
        title={t("title", { type: delivery.eventType })}
        crumbs={integrationId ? [
          <TextLink key="webhooks" to="/integrations/$integrationId/webhooks" params={{ integrationId }}>{t("webhooks")}</TextLink>,
          <TextLink key="deliveries" to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId, webhookId: delivery.webhookId }}>{t("deliveries")}</TextLink>,
        ] : [<Skeleton key="crumb" h={18} w={160} />]}
        aside={<OutcomeBadge status={delivery.status} />}
        actions={mayReplay && delivery.status !== "pending" ? <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={replay.isPending} onClick={again}>{t("replay")}</Button> : null}
      />
      <Stack gap="lg">
        <Card><Facts facts={facts} columns={3} /></Card>
        <section aria-label={t("attempts")}>
          <Title order={2} mb="sm">{t("attempts")}</Title>
          {delivery.attempts.length === 0 ? <EmptyState icon={IconClock} title={t("none.title")} order={3}>{t("none.text")}</EmptyState> : (
            <Stack gap="sm">{delivery.attempts.toReversed().map((attempt, index) => <AttemptCard key={attempt.id} attempt={attempt} startsOpen={index === 0} />)}</Stack>
          )}
        </section>
        <section aria-label={t("payload")}>
          <Title order={2} mb="sm">{t("payload")}</Title>
          {event.data ? <JsonView value={event.data.payload} label={t("payload")} /> : event.isError ? <ErrorState error={event.error} onRetry={() => void event.refetch()} /> : <Skeleton h={240} />}
        </section>
      </Stack>
    </>
  );
}
