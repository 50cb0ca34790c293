/** A new secret, with the old one signing beside it for a while. */
import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { type Webhook, useRotateSecret } from "~/queries/webhooks";
import { Secret } from "./Secret";

interface Props {
  readonly webhook: Webhook;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function RotateSecret({ webhook, opened, onClose }: Props) {
  const { t } = useTranslation("webhooks");
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={650}>{t("rotate.action")}</Text>}>
      <Rotation webhook={webhook} onClose={onClose} />
    </Modal>
  );
}

function Rotation({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const format = useFormat();
  const rotate = useRotateSecret(webhook.id);
  const [hours, setHours] = useState<number>(24);
  const [secret, setSecret] = useState("");
  const problems = fieldErrors(rotate.error);
  if (rotate.data) {
    const until = rotate.data.previousSecretExpiresAt;
    return (
      <Stack>
        <Secret webhook={rotate.data} />
        <Text fz="sm">{until ? t("rotate.until", { time: format.dateTime(until) }) : t("rotate.ended")}</Text>
        <Group justify="flex-end"><Button onClick={onClose}>{t("common:close")}</Button></Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); rotate.mutate({ overlapHours: hours, webhookSecret: secret === "" ? undefined : secret }); }} noValidate>
      <Stack>
        <Text fz="sm" c="dimmed">{t("rotate.text")}</Text>
        {rotate.isError && !isAllShown(rotate.error, ["webhookSecret", "overlapHours"]) ? <ErrorState error={rotate.error} /> : null}
        <NumberInput label={t("rotate.overlap")} description={t("rotate.overlapHelp")} min={0} max={168} value={hours} onChange={(value) => setHours(Number(value))} error={problems.overlapHours} />
        {webhook.signatureScheme === "ed25519" ? null : <TextInput label={t("rotate.own")} description={t("rotate.ownHelp")} autoComplete="off" value={secret} onChange={(event) => setSecret(event.currentTarget.value)} error={problems.webhookSecret} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={rotate.isPending}>{t("rotate.action")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
