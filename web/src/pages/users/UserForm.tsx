/** Creates a user or changes one. */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { RoleSelect } from "~/parts/RoleSelect";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useNotices } from "~/parts/notices";
import { type User, useSaveUser } from "~/queries/people";
import type { Role } from "~/session/session";

interface Props {
  readonly user: User | "new" | null;
  readonly onClose: () => void;
}

export function UserForm({ user, onClose }: Props) {
  const { t } = useTranslation("users");
  const title = user === null || user === "new" ? t("new") : t("edit", { name: user.name });
  return (
    <Modal opened={user !== null} onClose={onClose} title={<Text fw={650}>{title}</Text>}>
      {user === null ? null : <Fields user={user === "new" ? undefined : user} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  const { t } = useTranslation(["users", "common"]);
  const save = useSaveUser(user?.id);
  const notices = useNotices();
  const form = useForm({
    initialValues: { name: user?.name ?? "", email: user?.email ?? "", role: user?.role ?? ("viewer" as Role), partnerId: user?.partnerId ?? null, password: "" },
    validate: {
      name: (name) => (name.trim() === "" ? t("common:required") : null),
      email: (email) => (/^\S+@\S+\.\S+$/.test(email.trim()) ? null : t("notEmail")),
      password: (password) => (password.length >= 12 || (user !== undefined && password === "") ? null : t("short")),
    },
  });
  const isSuper = form.values.role === "super_admin";
  const submit = form.onSubmit((values) =>
    save.mutate({ ...values, email: values.email.trim(), partnerId: isSuper ? null : values.partnerId }, {
      onSuccess: (saved) => {
        notices.done(t(user ? "savedNotice" : "createdNotice", { name: saved.name }));
        onClose();
      },
      onError: (error) => form.setErrors(fieldErrors(error)),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {save.isError && !isAllShown(save.error, Object.keys(form.values)) ? <ErrorState error={save.error} /> : null}
        <TextInput label={t("name")} maxLength={120} required data-autofocus autoComplete="off" {...form.getInputProps("name")} />
        <TextInput label={t("email")} type="email" required autoComplete="off" {...form.getInputProps("email")} />
        <RoleSelect label={t("role")} value={form.values.role} onChange={(role) => form.setFieldValue("role", role)} error={form.errors.role} />
        <PartnerSelect label={t("partner")} description={t("partnerHelp")} placeholder={t("common:allPartners")} disabled={isSuper} value={isSuper ? null : form.values.partnerId} onChange={(id) => form.setFieldValue("partnerId", id)} error={form.errors.partnerId} />
        <PasswordInput label={t(user ? "newPassword" : "password")} description={t(user ? "newPasswordHelp" : "passwordHelp")} required={!user} autoComplete="new-password" {...form.getInputProps("password")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={save.isPending}>{t(user ? "common:save" : "common:create")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
