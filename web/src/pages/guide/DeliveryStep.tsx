/** Where events go, and one test event that arrives there. */
import { Button, Group, Radio, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { useFormat } from "~/language/use-format";
import { CopyField } from "~/parts/CopyButton";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { IconSend } from "~/parts/icons";
import type { Integration } from "~/queries/integrations";
import { type Webhook, firstWebhooksQuery, useCreateFirstWebhook, useSendTestEvent } from "./first-webhook";

interface Props {
  readonly integration: Integration;
  readonly onDelivered: () => void;
}

export function DeliveryStep({ integration, onDelivered }: Props) {
  const { t } = useTranslation("guide");
  const webhooks = useQuery(firstWebhooksQuery(integration.id));
  const [made, setMade] = useState<Webhook | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  if (webhooks.isError) return <ErrorState error={webhooks.error} onRetry={() => void webhooks.refetch()} />;
  if (!webhooks.data) return <Skeleton h={90} />;
  const receiver = made?.id ?? chosen ?? webhooks.data[0]?.id;
  return (
    <Stack>
      <Text fz="sm" c="dimmed">
        {t("delivery.text")}
      </Text>
      {webhooks.data.length > 0 && made === null ? (
        <Radio.Group label={t("delivery.to")} value={receiver ?? null} onChange={setChosen}>
          <Stack gap={6} mt={6}>
            {webhooks.data.map((one) => (
              <Radio key={one.id} value={one.id} label={one.webhookUrl} className="breaks" />
            ))}
          </Stack>
        </Radio.Group>
      ) : null}
      {receiver === undefined ? <NewWebhook integration={integration} onMade={setMade} /> : null}
      {made ? (
        <div>
          <Text fz="sm" fw={600} mb={4}>
            {t("delivery.secret")}
          </Text>
          <CopyField value={made.webhookSecret} label={t("delivery.copySecret")} />
          <Text fz="xs" c="dimmed" mt={4}>
            {t("delivery.secretHelp")}
          </Text>
        </div>
      ) : null}
      {receiver === undefined ? null : <SendTest key={receiver} id={receiver} onDelivered={onDelivered} />}
    </Stack>
  );
}

function NewWebhook({ integration, onMade }: { integration: Integration; onMade: (webhook: Webhook) => void }) {
  const { t } = useTranslation("guide");
  const create = useCreateFirstWebhook(integration.id);
  const [url, setUrl] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate(url.trim(), { onSuccess: onMade });
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.isError && !isAllShown(create.error, ["webhookUrl"]) ? <ErrorState error={create.error} /> : null}
        <TextInput
          type="url"
          label={t("delivery.url")}
          description={t("delivery.urlHelp")}
          placeholder="https://shop.example/hooks/simpul"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={fieldErrors(create.error).webhookUrl}
        />
        <Group>
          <Button type="submit" loading={create.isPending} disabled={url.trim() === ""}>
            {t("delivery.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function SendTest({ id, onDelivered }: { id: string; onDelivered: () => void }) {
  const { t } = useTranslation("guide");
  const send = useSendTestEvent();
  const run = () =>
    send.mutate(id, {
      onSuccess: (answer) => {
        if (answer.status === "success") onDelivered();
      },
    });
  return (
    <Stack aria-live="polite">
      {send.isError ? <ErrorState error={send.error} /> : null}
      {send.data ? <Answer answer={send.data} /> : null}
      <Group>
        <Button
          leftSection={<IconSend size={16} aria-hidden />}
          variant={send.data?.status === "success" ? "default" : "filled"}
          loading={send.isPending}
          onClick={run}
        >
          {t("delivery.send")}
        </Button>
      </Group>
    </Stack>
  );
}

function Answer({ answer }: { answer: Schema<"WebhookTestOut"> }) {
  const { t } = useTranslation("guide");
  const format = useFormat();
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <OutcomeBadge status={answer.status} />
        <Text fz="sm" className="breaks">
          {answer.message}
        </Text>
        <Text fz="xs" c="dimmed">
          {format.duration(answer.duration)}
        </Text>
      </Group>
      {answer.responseBody ? <JsonView value={answer.responseBody} label={t("delivery.answer")} /> : null}
      {answer.status === "success" ? null : (
        <Text fz="sm" c="dimmed">
          {t("delivery.failed")}
        </Text>
      )}
    </Stack>
  );
}
