/** What is wrong with a webhook, if anything, what Simpul does about it, and enabling it again with what waits for it. */
import { Alert, Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { RelativeTime } from "~/parts/RelativeTime";
import { Facts } from "~/parts/facts";
import { IconPlay } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { type WebhookDetail, useChangeWebhook } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { stateOf } from "./webhook-state";

const COLOURS = { disabled: "red", inactive: "gray", open: "orange", warned: "yellow", recovering: "nila" } as const;

export function Standing({ webhook }: { webhook: WebhookDetail }) {
  const { t } = useTranslation("webhooks");
  const format = useFormat();
  const mayChange = useMay("admin");
  const [enables, setEnables] = useState(false);
  const state = stateOf(webhook);
  const isOff = state === "disabled" || state === "inactive";
  const facts = [
    { name: t("lastTriggered"), value: <RelativeTime at={webhook.lastTriggeredAt} never={t("never")} /> },
    { name: t("failures"), value: format.number(webhook.failureCount) },
    ...(webhook.failingSince ? [{ name: t("failingSince"), value: <RelativeTime at={webhook.failingSince} /> }] : []),
    ...(webhook.nextProbeAt ? [{ name: t("nextProbe"), value: <RelativeTime at={webhook.nextProbeAt} /> }] : []),
    ...(isOff ? [{ name: t("parked"), value: format.number(webhook.parkedCount) }] : []),
  ];
  return (
    <Stack gap="md" mt="md">
      {state === "active" ? null : (
        <Alert variant="light" color={COLOURS[state]} styles={{ message: { color: "var(--mantine-color-text)" } }}>
          <Group justify="space-between" gap="sm">
            <div style={{ flex: "1 1 260px", minWidth: 0 }}>
              <Text fz="sm">{t(`standing.${state}`)}</Text>
              {webhook.disabledReason ? <Text fz="sm" fw={600} className="breaks">{webhook.disabledReason}</Text> : null}
            </div>
            {isOff && mayChange ? <Button size="xs" leftSection={<IconPlay size={15} aria-hidden />} onClick={() => setEnables(true)}>{t("enable.action")}</Button> : null}
          </Group>
        </Alert>
      )}
      <Facts facts={facts} columns={4} />
      <Enable webhook={webhook} opened={enables} onClose={() => setEnables(false)} />
    </Stack>
  );
}

function Enable({ webhook, opened, onClose }: { webhook: WebhookDetail; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const format = useFormat();
  const change = useChangeWebhook(webhook.id);
  const notices = useNotices();
  const [parked, setParked] = useState("deliver");
  const count = webhook.parkedCount;
  function enable() {
    change.mutate({ isActive: true, ...(count > 0 ? { parked } : {}) }, { onSuccess: () => { onClose(); notices.done(t("enable.done")); } });
  }
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={650}>{t("enable.title")}</Text>}>
      <Stack>
        {count > 0 ? (
          <Radio.Group label={t("enable.parked", { count, number: format.number(count) })} value={parked} onChange={setParked}>
            <Stack gap="xs" mt="xs">
              <Radio value="deliver" label={t("enable.deliver")} description={t("enable.deliverHelp")} />
              <Radio value="drop" label={t("enable.drop")} description={t("enable.dropHelp")} />
            </Stack>
          </Radio.Group>
        ) : <Text fz="sm">{t("enable.nothing")}</Text>}
        {change.isError ? <ErrorState error={change.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button color={count > 0 && parked === "drop" ? "red.8" : "nila"} loading={change.isPending} onClick={enable}>{t("enable.action")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
