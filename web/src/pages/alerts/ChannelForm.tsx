/** Adds an alert channel or changes one; a generated signing secret is shown this once. */
import { Alert, Button, Group, Modal, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import { ErrorState } from "~/parts/ErrorState";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { IconAlert } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { oneOf } from "~/parts/search-parameters";
import { type AlertChannel, useChangeChannel, useCreateChannel } from "~/queries/alerts";
import { useCaller } from "~/session/session";
import { KindFields } from "./KindFields";
import { CHANNEL_KINDS, type ChannelValues, changeOf, configurationOf, creationOf, valuesOf } from "./channel-values";
import { useKindText } from "./words";

interface Props {
  /** `null` while closed. */
  readonly channel: AlertChannel | "new" | null;
  readonly channels: readonly AlertChannel[];
  readonly onClose: () => void;
  readonly onTest: (channel: AlertChannel) => void;
}

export function ChannelForm({ channel, channels, onClose, onTest }: Props) {
  const { t } = useTranslation("alerts");
  const [made, setMade] = useState<AlertChannel | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  const title = made ? t("channel.made", { name: made.name }) : channel === null || channel === "new" ? t("channel.new") : t("edit", { name: channel.name });
  // A click beside the dialog must not lose a secret that is shown once.
  return (
    <Modal opened={channel !== null} onClose={close} size="lg" closeOnClickOutside={false} closeOnEscape={made === null} withCloseButton={made === null} title={<Text fw={650}>{title}</Text>}>
      {channel === null ? null : made ? <Shown channel={made} onClose={close} onTest={onTest} /> : <Fields channel={channel === "new" ? undefined : channel} channels={channels} onClose={close} onMade={setMade} />}
    </Modal>
  );
}

interface FieldsProps {
  readonly channel: AlertChannel | undefined;
  readonly channels: readonly AlertChannel[];
  readonly onClose: () => void;
  readonly onMade: (channel: AlertChannel) => void;
}

function Fields({ channel, channels, onClose, onMade }: FieldsProps) {
  const { t } = useTranslation(["alerts", "common"]);
  const kindText = useKindText();
  const caller = useCaller();
  const notices = useNotices();
  const create = useCreateChannel();
  const change = useChangeChannel();
  const [values, setValues] = useState(() => valuesOf(channel));
  const set = (part: Partial<ChannelValues>) => setValues((before) => ({ ...before, ...part }));
  const error = create.error ?? change.error;
  const problems = fieldErrors(error, "configuration.");
  const shown = ["name", "kind", "partnerId", "fallbackChannelId", ...Object.keys(configurationOf(values)).flatMap((name) => [name, `configuration.${name}`])];
  function save() {
    if (channel) {
      change.mutate({ id: channel.id, ...changeOf(values) }, {
        onSuccess: (saved) => {
          notices.done(t("savedNotice", { name: saved.name }));
          onClose();
        },
      });
      return;
    }
    create.mutate(creationOf(values), { onSuccess: onMade });
  }
  const others = channels.filter((one) => one.id !== channel?.id).map((one) => ({ value: one.id, label: `${one.name} (${kindText(one.kind)})` }));
  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); save(); }}>
      <Stack>
        <TextInput required label={t("channel.name")} description={t("channel.nameHelp")} maxLength={100} data-autofocus value={values.name} onChange={(event) => set({ name: event.currentTarget.value })} error={problems.name} />
        <Select label={t("channel.kind")} description={channel ? t("channel.kindFixed") : undefined} disabled={channel !== undefined} allowDeselect={false} data={CHANNEL_KINDS.map((value) => ({ value, label: kindText(value) }))} value={values.kind} onChange={(kind) => set({ kind: oneOf(kind, CHANNEL_KINDS) ?? values.kind, integrationId: null, recipients: [] })} error={problems.kind} />
        <KindFields values={values} onChange={set} problems={problems} isNew={channel === undefined} />
        {channel === undefined && caller.partnerId === null ? <PartnerSelect label={t("owner")} description={t("channel.ownerHelp")} placeholder={t("operators")} value={values.partnerId} onChange={(partnerId) => set({ partnerId })} error={problems.partnerId} /> : null}
        <Select label={t("channel.fallback")} description={t("channel.fallbackHelp")} placeholder={t("channel.noFallback")} clearable clearButtonProps={{ "aria-label": t("common:clear") }} data={others} disabled={others.length === 0} value={values.fallbackChannelId} onChange={(fallbackChannelId) => set({ fallbackChannelId })} error={problems.fallbackChannelId} />
        <Switch label={t("channel.isActive")} checked={values.isActive} onChange={(event) => set({ isActive: event.currentTarget.checked })} />
        {error && !isAllShown(error, shown) ? <ErrorState error={error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={create.isPending || change.isPending}>{t(channel ? "common:save" : "channel.create")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Shown({ channel, onClose, onTest }: { channel: AlertChannel; onClose: () => void; onTest: (channel: AlertChannel) => void }) {
  const { t } = useTranslation(["alerts", "common"]);
  const { secret } = channel.configuration;
  const isClear = channel.kind === "webhook" && secret && /^whsec_[A-Za-z0-9+/=_-]+$/.test(secret);
  return (
    <Stack>
      {isClear ? (
        <>
          <Alert variant="outline" color="yellow" icon={<IconAlert aria-hidden />}><Text fz="sm" c="var(--mantine-color-text)">{t("channel.secretOnce")}</Text></Alert>
          <CopyField value={secret} label={t("channel.copySecret")} />
        </>
      ) : null}
      <Text fz="sm">{t("channel.next")}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{t("common:close")}</Button>
        <Button data-autofocus onClick={() => { onClose(); onTest(channel); }}>{t("channel.sendTest")}</Button>
      </Group>
    </Stack>
  );
}
