/** Creates a partner or changes one. */
import { Button, Group, Modal, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useNotices } from "~/parts/notices";
import { type Partner, useSavePartner } from "~/queries/partners";

interface Props {
  /** `null` while closed. */
  readonly partner: Partner | "new" | null;
  readonly onClose: () => void;
}

export function PartnerForm({ partner, onClose }: Props) {
  const { t } = useTranslation(["partners", "common"]);
  const title = partner === null || partner === "new" ? t("new") : t("edit", { name: partner.name });
  return (
    <Modal opened={partner !== null} onClose={onClose} title={<Text fw={650}>{title}</Text>}>
      {partner === null ? null : <Fields partner={partner === "new" ? undefined : partner} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ partner, onClose }: { partner: Partner | undefined; onClose: () => void }) {
  const { t } = useTranslation(["partners", "common"]);
  const save = useSavePartner(partner?.id);
  const navigate = useNavigate();
  const notices = useNotices();
  const form = useForm({
    initialValues: { name: partner?.name ?? "", slug: partner?.slug ?? "", isActive: partner?.isActive ?? true },
    validate: { name: (name) => (name.trim() === "" ? t("common:required") : null) },
  });
  const submit = form.onSubmit(({ name, slug, isActive }) =>
    save.mutate({ name, slug: slug.trim() || undefined, isActive }, {
      onSuccess: (saved) => {
        notices.done(t(partner ? "savedNotice" : "createdNotice", { name: saved.name }));
        onClose();
        if (!partner) void navigate({ to: "/partners/$partnerId", params: { partnerId: saved.id } });
      },
      onError: (error) => form.setErrors(fieldErrors(error)),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {save.isError && !isAllShown(save.error, ["name", "slug"]) ? <ErrorState error={save.error} /> : null}
        <TextInput label={t("name")} placeholder="Kopi Senja" maxLength={120} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("slug")} description={t("slugHelp")} placeholder="kopi-senja" maxLength={80} {...form.getInputProps("slug")} />
        <Switch label={t("isActive")} {...form.getInputProps("isActive", { type: "checkbox" })} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" loading={save.isPending}>{t(partner ? "common:save" : "common:create")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
