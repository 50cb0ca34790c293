/** Creates a key, then shows it this once. */
import { Alert, Button, Code, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import { ErrorState } from "~/parts/ErrorState";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { RoleSelect } from "~/parts/RoleSelect";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { IconAlert } from "~/parts/icons";
import { type ApiKey, useCreateApiKey } from "~/queries/people";
import type { Role } from "~/session/session";

export function NewApiKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("api-keys");
  const [made, setMade] = useState<ApiKey | null>(null);
  function close() {
    setMade(null);
    onClose();
  }
  // A click beside the dialog must not lose a key that is shown once.
  return (
    <Modal opened={opened} onClose={close} size="lg" closeOnClickOutside={made === null} closeOnEscape={made === null} withCloseButton={made === null} title={<Text fw={650}>{t(made ? "shownTitle" : "new")}</Text>}>
      {made ? <Shown apiKey={made} onClose={close} /> : <Fields onMade={setMade} onClose={close} />}
    </Modal>
  );
}

function Fields({ onMade, onClose }: { onMade: (key: ApiKey) => void; onClose: () => void }) {
  const { t } = useTranslation(["api-keys", "common"]);
  const create = useCreateApiKey();
  const form = useForm({
    initialValues: { name: "", role: "operator" as Role, partnerId: null as string | null, expiresAt: "" },
    validate: { name: (name) => (name.trim() === "" ? t("common:required") : null) },
  });
  const isSuper = form.values.role === "super_admin";
  const submit = form.onSubmit(({ name, role, partnerId, expiresAt }) =>
    create.mutate(
      { name, role, partnerId: isSuper ? null : partnerId, expiresAt: expiresAt === "" ? null : new Date(`${expiresAt}T23:59:59`).toISOString() },
      { onSuccess: onMade, onError: (error) => form.setErrors(fieldErrors(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.isError && !isAllShown(create.error, Object.keys(form.values)) ? <ErrorState error={create.error} /> : null}
        <TextInput label={t("name")} description={t("nameHelp")} maxLength={120} required data-autofocus {...form.getInputProps("name")} />
        <RoleSelect label={t("role")} value={form.values.role} onChange={(role) => form.setFieldValue("role", role)} error={form.errors.role} />
        <PartnerSelect label={t("partner")} description={t("partnerHelp")} placeholder={t("common:allPartners")} disabled={isSuper} value={isSuper ? null : form.values.partnerId} onChange={(id) => form.setFieldValue("partnerId", id)} error={form.errors.partnerId} />
        <TextInput type="date" label={t("expires")} description={t("expiresHelp")} {...form.getInputProps("expiresAt")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={create.isPending}>{t("common:create")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Shown({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation("api-keys");
  const key = apiKey.key ?? "";
  return (
    <Stack>
      <Alert variant="outline" color="yellow" icon={<IconAlert aria-hidden />}><Text fz="sm" c="var(--mantine-color-text)">{t("shownText")}</Text></Alert>
      <CopyField value={key} label={t("copyKey")} />
      <div>
        <Text fz="sm" fw={550} mb={4}>{t("example")}</Text>
        <Code block fz="xs" className="breaks" bg="var(--surface-sunken)" style={{ whiteSpace: "pre-wrap" }}>{`curl -H "Authorization: Bearer ${key}" ${location.origin}/api/auth/me`}</Code>
      </div>
      <Group justify="flex-end"><Button onClick={onClose} data-autofocus>{t("done")}</Button></Group>
    </Stack>
  );
}
