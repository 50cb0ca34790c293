/** Sends a signed test event and shows what the receiver answered. */
import { Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { IconRefresh } from "~/parts/icons";
import { type Webhook, useTestWebhook } from "~/queries/webhooks";

interface Props {
  readonly webhook: Webhook;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function SendTest({ webhook, opened, onClose }: Props) {
  const { t } = useTranslation("webhooks");
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={650}>{t("test.title")}</Text>}>
      <Sending webhook={webhook} onClose={onClose} />
    </Modal>
  );
}

function Sending({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const format = useFormat();
  const send = useTestWebhook(webhook.id);
  const { mutate } = send;
  // Once for each opening, also where React mounts twice to find faults.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  return (
    <Stack mih={150} justify="space-between">
      {send.isPending || send.isIdle ? <Group gap="sm" role="status"><Loader size="sm" /><Text fz="sm">{t("test.running", { seconds: format.number(webhook.timeout) })}</Text></Group> : null}
      {send.isError ? <ErrorState error={send.error} /> : null}
      {send.data ? (
        <Stack gap="xs" role="status">
          <Group gap="xs"><OutcomeBadge status={send.data.status} /><Text fz="sm" c="dimmed">{send.data.responseStatus ? `HTTP ${send.data.responseStatus} · ` : ""}{format.duration(send.data.duration)}</Text></Group>
          <Text fz="sm" className="breaks">{send.data.message}</Text>
          {send.data.responseBody ? <JsonView value={send.data.responseBody} label={t("test.answer")} /> : null}
          {send.data.status === "success" ? null : <Text fz="sm" c="dimmed">{t("test.failed")}</Text>}
        </Stack>
      ) : null}
      <Group justify="flex-end">
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} loading={send.isPending} onClick={() => mutate()}>{t("test.again")}</Button>
        <Button onClick={onClose}>{t("common:close")}</Button>
      </Group>
    </Stack>
  );
}
