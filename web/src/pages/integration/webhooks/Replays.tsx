/** Sending many deliveries again: choose, see how many, start, follow, hold, cancel. */
import { Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Person } from "~/parts/Person";
import { RelativeTime } from "~/parts/RelativeTime";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconClose, IconPause, IconPlay, IconRefresh } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { useNow } from "~/parts/now";
import { oneOf } from "~/parts/search-parameters";
import { type Replay, replaysQuery, useSteerReplay } from "~/queries/deliveries";
import type { Webhook } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { NewReplay } from "./NewReplay";
import { REPLAY_STATES, REPLAY_STATUSES, ordersOf, remaining } from "./replay-progress";

const LOOKS = {
  running: { tone: "information", icon: IconPlay },
  paused: { tone: "warning", icon: IconPause },
  cancelled: { tone: "unknown", icon: IconClose },
  completed: { tone: "healthy", icon: IconCheck },
} as const;

export function Replays({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const may = useMay("operator");
  const query = useQuery(replaysQuery(webhook.id));
  return (
    <Stack gap="lg" maw={960}>
      {may ? <NewReplay webhook={webhook} /> : null}
      <Loaded query={query} skeleton={<RowsSkeleton rows={2} height={96} />}>
        {(replays) => (replays.length === 0 ? <EmptyState icon={IconRefresh} title={t("replay.empty.title")}>{t("replay.empty.text")}</EmptyState> : replays.map((replay) => <One key={replay.id} replay={replay} />))}
      </Loaded>
    </Stack>
  );
}

function One({ replay }: { replay: Replay }) {
  const { t } = useTranslation(["webhooks", "words"]);
  const format = useFormat();
  const now = useNow();
  const may = useMay("operator");
  const steer = useSteerReplay(replay.id);
  const notices = useNotices();
  const state = oneOf(replay.state, REPLAY_STATES) ?? "running";
  const status = oneOf(replay.filter.status, REPLAY_STATUSES);
  const left = remaining(replay, now);
  const about = [
    status ? t(`words:outcome.${status}`) : t("replay.anyStatus"),
    replay.filter.from ? t("replay.since", { time: format.dateTime(replay.filter.from) }) : null,
    replay.filter.to ? t("replay.until", { time: format.dateTime(replay.filter.to) }) : null,
    replay.filter.events.length > 0 ? replay.filter.events.join(", ") : null,
  ].filter(Boolean).join(" · ");
  return (
    <Card component="article">
      <Group justify="space-between" gap="sm">
        <Group gap="sm"><ToneBadge {...LOOKS[state]}>{t(`replay.state.${state}`)}</ToneBadge><Title order={3} fz="sm">{about}</Title></Group>
        {may ? (
          <Group gap="xs">
            {ordersOf(state).map((order) => <Button key={order} size="xs" variant="default" loading={steer.isPending && steer.variables === order} onClick={() => steer.mutate(order, { onError: (error) => notices.failed(error) })}>{t(`replay.order.${order}`)}</Button>)}
          </Group>
        ) : null}
      </Group>
      <Progress value={replay.percent} mt="sm" size="md" color={state === "completed" ? "green.8" : state === "cancelled" ? "gray.5" : "nila"} aria-label={t("replay.progress")} />
      <Group justify="space-between" mt={6} gap="xs">
        <Text fz="sm" className="figures" role="status">{t("replay.done", { done: format.number(replay.replayed), total: format.number(replay.total), percent: format.percent(replay.percent) })}{left === null ? "" : ` · ${t("replay.left", { time: format.duration(left) })}`}</Text>
        <Text fz="xs" c="dimmed"><RelativeTime at={replay.createdAt} /> · <Person id={replay.createdBy} /></Text>
      </Group>
      {state === "running" && replay.waiting ? <Text fz="sm" c="var(--tone-warning-text)">{t(replay.waiting === "webhook_inactive" ? "replay.waitsForWebhook" : "replay.waitsForBacklog")}</Text> : null}
    </Card>
  );
}
