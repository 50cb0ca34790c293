/** Plans maintenance: of what, from when to when, and why. */
import { Alert, Button, Group, Modal, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { IntegrationSelect } from "~/parts/IntegrationSelect";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { ProviderSelect } from "~/parts/ProviderName";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { IconAlert } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { usePlanMaintenance } from "~/queries/maintenance";
import { useTimeZone } from "~/session/preferences";
import { useCaller } from "~/session/session";
import { instantOf, typedOf } from "./moments";

const HOUR = 3_600_000;
const SCOPES = ["partner", "integration", "provider", "all"] as const;

export function PlanForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("maintenance");
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={<Text fw={650}>{t("plan")}</Text>}>
      <Fields onClose={onClose} />
    </Modal>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["maintenance", "common"]);
  const [zone] = useTimeZone();
  const caller = useCaller();
  const plan = usePlanMaintenance();
  const notices = useNotices();
  const scopes = SCOPES.filter((scope) => scope !== "partner" || caller.partnerId === null);
  const [scope, setScope] = useState<string>(scopes[0] ?? "integration");
  const [id, setId] = useState<string | null>(null);
  const [from, setFrom] = useState(() => typedOf(Date.now(), zone));
  const [to, setTo] = useState(() => typedOf(Date.now() + HOUR, zone));
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState<Record<string, string>>({});
  const problems = { ...fieldErrors(plan.error), ...missing };
  function save() {
    const [startsAt, endsAt] = [instantOf(from, zone), instantOf(to, zone)];
    const required = t("common:required");
    const absent = { ...(scope !== "all" && !id ? { scope: required } : {}), ...(startsAt ? {} : { startsAt: required }), ...(endsAt ? {} : { endsAt: required }), ...(reason.trim() ? {} : { reason: required }) };
    setMissing(absent);
    if (Object.keys(absent).length > 0 || !endsAt) return;
    const about = { partnerId: scope === "partner" ? id : null, integrationId: scope === "integration" ? id : null, provider: scope === "provider" ? id : null };
    plan.mutate({ ...about, startsAt, endsAt, reason: reason.trim() }, {
      onSuccess: () => {
        notices.done(t("plannedNotice"));
        onClose();
      },
    });
  }
  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); save(); }}>
      <Stack>
        <Text fz="sm" c="dimmed">{t("planText")}</Text>
        <SegmentedControl fullWidth aria-label={t("about")} data={scopes.map((value) => ({ value, label: t(`scope.${value}`) }))} value={scope} onChange={(value) => { setScope(value); setId(null); setMissing({}); }} />
        {scope === "partner" ? <PartnerSelect required label={t("scope.partner")} value={id} onChange={setId} error={problems.scope ?? problems.partnerId} /> : null}
        {scope === "integration" ? <IntegrationSelect required label={t("scope.integration")} value={id} onChange={setId} error={problems.scope ?? problems.integrationId} /> : null}
        {scope === "provider" ? <ProviderSelect required label={t("scope.provider")} description={t("providerHelp")} value={id} onChange={setId} error={problems.scope ?? problems.provider} /> : null}
        {scope === "all" ? <Alert variant="outline" color="yellow" icon={<IconAlert aria-hidden />}><Text fz="sm" c="var(--mantine-color-text)">{t("allText")}</Text></Alert> : null}
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput required type="datetime-local" label={t("from")} description={zone} value={from} onChange={(event) => setFrom(event.currentTarget.value)} error={problems.startsAt} />
          <TextInput required type="datetime-local" label={t("to")} description={zone} value={to} onChange={(event) => setTo(event.currentTarget.value)} error={problems.endsAt} />
        </SimpleGrid>
        <TextInput required label={t("reason")} placeholder={t("reasonExample")} maxLength={200} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problems.reason} />
        {plan.isError && !isAllShown(plan.error, ["partnerId", "integrationId", "provider", "startsAt", "endsAt", "reason"]) ? <ErrorState error={plan.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={plan.isPending}>{t("plan")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
