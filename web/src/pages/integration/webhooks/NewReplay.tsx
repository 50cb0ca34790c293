/** Chooses deliveries to send again, and shows how many they are before anything starts. */
import { Button, Card, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { oneOf } from "~/parts/search-parameters";
import { useNotices } from "~/parts/notices";
import { usePreviewReplay, useStartReplay } from "~/queries/deliveries";
import type { Webhook } from "~/queries/webhooks";
import { useIntegration } from "../use-integration";
import { EventPicker } from "./form/EventPicker";
import { REPLAY_STATUSES } from "./replay-progress";

export function NewReplay({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation(["webhooks", "words"]);
  const integration = useIntegration();
  const format = useFormat();
  const notices = useNotices();
  const [choice, setChoice] = useState<Schema<"ReplayIn">>({ status: "failed", events: [] });
  const preview = usePreviewReplay(webhook.id);
  const start = useStartReplay(webhook.id);
  // A changed choice makes the shown count a lie.
  function choose(part: Schema<"ReplayIn">) {
    preview.reset();
    start.reset();
    setChoice({ ...choice, ...part });
  }
  function begin() {
    start.mutate(choice, { onSuccess: ({ replayed }) => { preview.reset(); notices.done(t("replay.started", { count: replayed, number: format.number(replayed) })); } });
  }
  const found = preview.data;
  return (
    <Card>
      <Title order={2}>{t("replay.title")}</Title>
      <Text fz="sm" c="dimmed" mb="md">{t("replay.text")}</Text>
      <Stack>
        <Group align="flex-end" gap="sm">
          <Select label={t("status")} w={170} allowDeselect={false} data={[{ value: "any", label: t("replay.anyStatus") }, ...REPLAY_STATUSES.map((value) => ({ value, label: t(`words:outcome.${value}`) }))]} value={choice.status ?? "any"} onChange={(value) => choose({ status: oneOf(value, REPLAY_STATUSES) })} />
          <TextInput type="date" label={t("replay.from")} w={160} value={choice.from ?? ""} onChange={(event) => choose({ from: event.currentTarget.value || undefined })} />
          <TextInput type="date" label={t("replay.to")} w={160} value={choice.to ?? ""} onChange={(event) => choose({ to: event.currentTarget.value || undefined })} />
        </Group>
        <EventPicker type={integration.integrationType} value={choice.events ?? []} onChange={(events) => choose({ events })} />
        {preview.isError || start.isError ? <ErrorState error={preview.error ?? start.error} /> : null}
        {found ? (
          <div role="status">
            <Text fz="sm" fw={600}>{t(found.atLeast ? "replay.foundAtLeast" : "replay.found", { count: found.count, number: format.number(found.count) })}</Text>
            {found.byEventType.length > 0 ? <Text fz="sm" c="dimmed">{found.byEventType.map((one) => `${one.eventType} ${format.number(one.count)}`).join(" · ")}</Text> : null}
            {found.oldest && found.newest ? <Text fz="sm" c="dimmed">{t("replay.range", { from: format.dateTime(found.oldest), to: format.dateTime(found.newest) })}</Text> : null}
          </div>
        ) : null}
        <Group>
          <Button variant={found ? "default" : "filled"} loading={preview.isPending} onClick={() => preview.mutate(choice)}>{t("replay.count")}</Button>
          {found && found.count > 0 ? <Button loading={start.isPending} onClick={begin}>{t("replay.start", { count: found.count, number: format.number(found.count) })}</Button> : null}
        </Group>
      </Stack>
    </Card>
  );
}
