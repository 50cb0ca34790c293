/** Adds an alert rule or changes one, with a look at what it would tell now. */
import { Button, Group, Modal, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "~/language/choice";
import { ErrorState } from "~/parts/ErrorState";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { ProvidersSelect } from "~/parts/ProviderName";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useNotices } from "~/parts/notices";
import { type AlertChannel, type AlertRule, usePreviewRule, useSaveRule } from "~/queries/alerts";
import { INCIDENT_KINDS } from "~/queries/incidents";
import { useTimeZone } from "~/session/preferences";
import { useCaller } from "~/session/session";
import { useSentenceLanguage } from "../incidents/words";
import { PartnersSelect } from "./PartnersSelect";
import { Preview } from "./Preview";
import { QuietHours } from "./QuietHours";
import { type RuleValues, ruleInputOf, ruleValuesOf } from "./rule-values";

interface Props {
  /** `null` while closed. */
  readonly rule: AlertRule | "new" | null;
  readonly channels: readonly AlertChannel[];
  readonly onClose: () => void;
}

const SHOWN = ["name", "minimumSeverity", "kinds", "partnerId", "partnerIds", "providers", "channelIds", "repeatMinutes", "groupSeconds", "language", "quietHours.from", "quietHours.to", "quietHours.timeZone"];

export function RuleForm({ rule, channels, onClose }: Props) {
  const { t } = useTranslation("alerts");
  const title = rule === null || rule === "new" ? t("rule.new") : t("edit", { name: rule.name });
  return (
    <Modal opened={rule !== null} onClose={onClose} size="xl" closeOnClickOutside={false} title={<Text fw={650}>{title}</Text>}>
      {rule === null ? null : <Fields rule={rule === "new" ? undefined : rule} channels={channels} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ rule, channels, onClose }: { rule: AlertRule | undefined; channels: readonly AlertChannel[]; onClose: () => void }) {
  const { t } = useTranslation(["alerts", "incidents", "shell", "common"]);
  const language = useSentenceLanguage();
  const [zone] = useTimeZone();
  const caller = useCaller();
  const notices = useNotices();
  const save = useSaveRule(rule?.id);
  const preview = usePreviewRule();
  const [values, setValues] = useState(() => ruleValuesOf(rule, language, zone));
  const set = (part: Partial<RuleValues>) => setValues((before) => ({ ...before, ...part }));
  const error = save.error ?? preview.error;
  const problems = fieldErrors(error);
  const problem = (name: string) => problems[name] ?? Object.entries(problems).find(([field]) => field.startsWith(`${name}[`))?.[1];
  const clear = { clearable: true, clearButtonProps: { "aria-label": t("common:clear") } };
  // A partner's own channel serves that partner's rules alone.
  const usable = channels.filter((one) => one.partnerId === null || one.partnerId === values.partnerId || caller.partnerId !== null);
  const submit = () => {
    preview.reset();
    save.mutate(ruleInputOf(values), {
      onSuccess: (saved) => {
        notices.done(t(rule ? "savedNotice" : "rule.createdNotice", { name: saved.name }));
        onClose();
      },
    });
  };
  const look = () => {
    save.reset();
    // The hub takes no rule without a name; to look, any will do.
    preview.mutate(ruleInputOf({ ...values, name: values.name.trim() || t("rule.new") }));
  };
  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <Stack>
        <TextInput required label={t("rule.name")} maxLength={100} data-autofocus value={values.name} onChange={(event) => set({ name: event.currentTarget.value })} error={problem("name")} />
        <MultiSelect required searchable label={t("rule.channels")} description={t("rule.channelsHelp")} maxValues={10} data={usable.map((one) => ({ value: one.id, label: one.name }))} value={values.channelIds} onChange={(channelIds) => set({ channelIds })} error={problem("channelIds")} {...clear} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select label={t("rule.severity")} allowDeselect={false} data={[{ value: "warning", label: t("rule.from.warning") }, { value: "critical", label: t("rule.from.critical") }]} value={values.minimumSeverity} onChange={(value) => set({ minimumSeverity: value ?? "warning" })} error={problem("minimumSeverity")} />
          <MultiSelect searchable label={t("rule.kinds")} placeholder={values.kinds.length === 0 ? t("rule.all") : ""} data={INCIDENT_KINDS.map((value) => ({ value, label: t(`incidents:kind.${value}`) }))} value={values.kinds} onChange={(kinds) => set({ kinds })} error={problem("kinds")} {...clear} />
          {caller.partnerId === null ? <PartnersSelect label={t("rule.ofPartners")} placeholder={values.partnerIds.length === 0 ? t("rule.all") : ""} value={values.partnerIds} onChange={(partnerIds) => set({ partnerIds })} error={problem("partnerIds")} /> : null}
          <ProvidersSelect label={t("rule.providers")} placeholder={values.providers.length === 0 ? t("rule.all") : ""} value={values.providers} onChange={(providers) => set({ providers })} error={problem("providers")} />
          <NumberInput label={t("rule.repeat")} description={t("rule.repeatHelp")} suffix={` ${t("rule.minutes")}`} min={0} max={10_080} value={values.repeatMinutes} onChange={(value) => set({ repeatMinutes: Number(value) })} error={problem("repeatMinutes")} />
          <NumberInput label={t("rule.group")} description={t("rule.groupHelp")} suffix={` ${t("rule.seconds")}`} min={0} max={3_600} value={values.groupSeconds} onChange={(value) => set({ groupSeconds: Number(value) })} error={problem("groupSeconds")} />
          <Select label={t("rule.language")} allowDeselect={false} data={LANGUAGES.map((value) => ({ value, label: t(`shell:languages.${value}`) }))} value={values.language} onChange={(value) => set({ language: value ?? language })} error={problem("language")} />
          {rule === undefined && caller.partnerId === null ? <PartnerSelect label={t("owner")} description={t("rule.ownerHelp")} placeholder={t("operators")} value={values.partnerId} onChange={(partnerId) => set({ partnerId, channelIds: [] })} error={problem("partnerId")} /> : null}
        </SimpleGrid>
        <QuietHours values={values} onChange={set} problems={problems} />
        <Switch label={t("rule.resolved")} checked={values.notifyResolved} onChange={(event) => set({ notifyResolved: event.currentTarget.checked })} />
        <Switch label={t("rule.isActive")} checked={values.isActive} onChange={(event) => set({ isActive: event.currentTarget.checked })} />
        {preview.data ? <Preview preview={preview.data} /> : null}
        {error && !isAllShown(error, SHOWN) ? <ErrorState error={error} /> : null}
        <Group justify="space-between">
          <Button variant="subtle" loading={preview.isPending} onClick={look}>{t("rule.preview")}</Button>
          <Group>
            <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
            <Button type="submit" loading={save.isPending}>{t(rule ? "common:save" : "rule.create")}</Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
