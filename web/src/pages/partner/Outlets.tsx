/** A partner's shops: create, change, delete, and give one an integration of its own. */
import { Button, Group, Modal, Stack, Switch, Table, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { ErrorState } from "~/parts/ErrorState";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { RowMenu } from "~/parts/RowMenu";
import { ActiveBadge } from "~/parts/StatusBadge";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { IconEdit, IconPlus, IconTrash } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import type { Integration } from "~/queries/integrations";
import { type Outlet, type Partner, useDeleteOutlet, useSaveOutlet } from "~/queries/partners";
import { useMay } from "~/session/session";

interface Props {
  readonly partner: Partner;
  readonly query: UseQueryResult<Outlet[]>;
  readonly integrations: readonly Integration[];
}

export function Outlets({ partner, query, integrations }: Props) {
  const { t } = useTranslation("partner");
  const may = useMay("admin");
  const [edited, setEdited] = useState<Outlet | "new" | null>(null);
  const [deleted, setDeleted] = useState<Outlet | null>(null);
  const remove = useDeleteOutlet(partner.id);
  const notices = useNotices();
  const confirmed = async (outlet: Outlet) => {
    await remove.mutateAsync(outlet.id);
    notices.done(t("outlets.deletedNotice", { name: outlet.name }));
  };
  return (
    <section aria-labelledby="outlets">
      <Group justify="space-between" mb="sm" align="flex-start">
        <div>
          <Title order={2} id="outlets">
            {t("outlets.title")}
          </Title>
          <Text fz="sm" c="dimmed">
            {t("outlets.description")}
          </Text>
        </div>
        {may ? (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited("new")}>
            {t("outlets.new")}
          </Button>
        ) : null}
      </Group>
      <Loaded query={query} skeleton={<RowsSkeleton rows={2} />}>
        {(outlets) =>
          outlets.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {t("outlets.empty")}
            </Text>
          ) : (
            <Rows partner={partner} outlets={outlets} integrations={integrations} onEdit={setEdited} onDelete={setDeleted} />
          )
        }
      </Loaded>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={<Text fw={650}>{edited === null || edited === "new" ? t("outlets.new") : t("outlets.edit", { name: edited.name })}</Text>}
      >
        {edited === null ? null : (
          <Fields partnerId={partner.id} outlet={edited === "new" ? undefined : edited} onClose={() => setEdited(null)} />
        )}
      </Modal>
      {deleted ? (
        <ConfirmDialog
          opened
          onClose={() => setDeleted(null)}
          title={t("outlets.deleteTitle", { name: deleted.name })}
          confirm={t("outlets.deleteConfirm")}
          onConfirm={() => confirmed(deleted)}
        >
          {t("outlets.deleteText")}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

interface RowsProps {
  readonly partner: Partner;
  readonly outlets: readonly Outlet[];
  readonly integrations: readonly Integration[];
  readonly onEdit: (outlet: Outlet) => void;
  readonly onDelete: (outlet: Outlet) => void;
}

function Rows({ partner, outlets, integrations, onEdit, onDelete }: RowsProps) {
  const { t } = useTranslation(["partner", "common"]);
  const may = useMay("admin");
  const navigate = useNavigate();
  const actions = (one: Outlet) => [
    {
      icon: IconPlus,
      text: t("outlets.add"),
      act: () =>
        void navigate({ to: "/partners/$partnerId/integrations/new", params: { partnerId: partner.id }, search: { outlet: one.id } }),
    },
    { icon: IconEdit, text: t("common:edit"), act: () => onEdit(one) },
    { icon: IconTrash, text: t("common:delete"), act: () => onDelete(one), destroys: true },
  ];
  return (
    <div
      style={{
        border: "1px solid var(--line)",
        borderRadius: "var(--mantine-radius-lg)",
        overflow: "hidden",
        background: "var(--surface)",
      }}
    >
      <Table aria-labelledby="outlets">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("outlets.name")}</Table.Th>
            <Table.Th>{t("outlets.code")}</Table.Th>
            <Table.Th>{t("outlets.status")}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t("outlets.own")}
            </Table.Th>
            {may ? (
              <Table.Th w={50}>
                <span className="spoken">{t("common:actions")}</span>
              </Table.Th>
            ) : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {outlets.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Td fw={600} className="breaks">
                {one.name}
              </Table.Td>
              <Table.Td className="breaks">{one.code}</Table.Td>
              <Table.Td>
                <ActiveBadge active={one.isActive} size="sm" />
              </Table.Td>
              <Table.Td visibleFrom="sm" ta="right">
                {integrations.filter((integration) => integration.outletId === one.id).length}
              </Table.Td>
              {may ? (
                <Table.Td>
                  <RowMenu label={t("outlets.moreOf", { name: one.name })} actions={actions(one)} />
                </Table.Td>
              ) : null}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Fields({ partnerId, outlet, onClose }: { partnerId: string; outlet: Outlet | undefined; onClose: () => void }) {
  const { t } = useTranslation(["partner", "common"]);
  const save = useSaveOutlet(partnerId, outlet?.id);
  const notices = useNotices();
  const required = (text: string) => (text.trim() === "" ? t("common:required") : null);
  const form = useForm({
    initialValues: { name: outlet?.name ?? "", code: outlet?.code ?? "", isActive: outlet?.isActive ?? true },
    validate: { name: required, code: (code) => required(code) ?? (/^[A-Za-z0-9._-]+$/.test(code) ? null : t("outlets.codeHelp")) },
  });
  const submit = form.onSubmit((values) =>
    save.mutate(values, {
      onSuccess: (saved) => {
        notices.done(t("outlets.savedNotice", { name: saved.name }));
        onClose();
      },
      onError: (error) => form.setErrors(fieldErrors(error)),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {save.isError && !isAllShown(save.error, ["name", "code"]) ? <ErrorState error={save.error} /> : null}
        <TextInput label={t("outlets.name")} placeholder="Kemang" maxLength={120} required data-autofocus {...form.getInputProps("name")} />
        <TextInput
          label={t("outlets.code")}
          description={t("outlets.codeHelp")}
          placeholder="JKT-01"
          maxLength={40}
          required
          {...form.getInputProps("code")}
        />
        <Switch label={t("outlets.isActive")} {...form.getInputProps("isActive", { type: "checkbox" })} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(outlet ? "common:save" : "common:create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
