/** A test event through one webhook: how it went, and what mends it where it was refused. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { IconSend } from "~/parts/icons";
import { useChangeWebhook, useTestWebhook } from "~/queries/webhooks";
import { AddressForm } from "./AddressForm";
import type { Webhook } from "./first-webhook";

export function FirstDelivery({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation(["guide", "common"]);
  const send = useTestWebhook(webhook.id);
  const change = useChangeWebhook(webhook.id);
  const [isChanging, setChanging] = useState(false);
  const isDelivered = send.data?.status === "success";
  function moved(webhookUrl: string) {
    change.mutate(
      { webhookUrl },
      {
        onSuccess: () => {
          send.reset();
          setChanging(false);
        },
      },
    );
  }
  return (
    <Stack>
      <Stack aria-live="polite" gap="xs">
        {send.isError ? <ErrorState error={send.error} /> : null}
        {send.data && !send.isPending ? <Answer answer={send.data} /> : null}
      </Stack>
      {webhook.isActive ? null : <TurnedOff onEnable={() => change.mutate({ isActive: true })} isBusy={change.isPending} />}
      {isChanging ? (
        <AddressForm
          initial={webhook.webhookUrl}
          submit={t("delivery.saveAddress")}
          error={change.error}
          isBusy={change.isPending}
          onAddress={moved}
        >
          <Button variant="default" onClick={() => setChanging(false)}>
            {t("common:cancel")}
          </Button>
        </AddressForm>
      ) : (
        <Group gap="xs">
          <Button
            leftSection={<IconSend size={16} aria-hidden />}
            variant={isDelivered ? "default" : "filled"}
            loading={send.isPending}
            onClick={() => send.mutate()}
          >
            {t(send.data && !isDelivered ? "delivery.sendAgain" : "delivery.send")}
          </Button>
          {send.data && !isDelivered ? (
            <Button variant="default" onClick={() => setChanging(true)}>
              {t("delivery.changeAddress")}
            </Button>
          ) : null}
        </Group>
      )}
    </Stack>
  );
}

/** A test event goes out all the same, but events do not. */
function TurnedOff({ onEnable, isBusy }: { onEnable: () => void; isBusy: boolean }) {
  const { t } = useTranslation("guide");
  return (
    <Group gap="xs" role="status">
      <Text fz="sm" c="var(--tone-warning-text)">
        {t("delivery.turnedOff")}
      </Text>
      <Button size="compact-sm" variant="default" loading={isBusy} onClick={onEnable}>
        {t("delivery.turnOn")}
      </Button>
    </Group>
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
        <Text fz="sm">{answer.responseStatus ? t("delivery.refused", { status: answer.responseStatus }) : t("delivery.failed")}</Text>
      )}
    </Stack>
  );
}
