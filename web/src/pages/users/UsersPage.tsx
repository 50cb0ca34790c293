/** People who sign in: search, create, edit, delete. */
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { PartnerName } from "~/parts/PartnerName";
import { RelativeTime } from "~/parts/RelativeTime";
import { RowMenu } from "~/parts/RowMenu";
import { SearchField } from "~/parts/SearchField";
import { IconEdit, IconPlus, IconTrash, IconUsers } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { type PeopleFilter, type User, useDeleteUser, usersQuery } from "~/queries/people";
import { useCaller } from "~/session/session";
import { UserForm } from "./UserForm";
import { usersRoute } from "./route";

export function UsersPage() {
  const { t } = useTranslation("users");
  const search = usersRoute.useSearch();
  const navigate = useNavigate({ from: "/users" });
  const show = (search: PeopleFilter) => void navigate({ search, replace: true });
  const query = useQuery(usersQuery(search));
  const [edited, setEdited] = useState<User | "new" | null>(null);
  const [deleted, setDeleted] = useState<User | null>(null);
  const remove = useDeleteUser();
  const notices = useNotices();
  const columns = useColumns(setEdited, setDeleted);
  const confirmed = async (user: User) => {
    await remove.mutateAsync(user.id);
    notices.done(t("deletedNotice", { name: user.name }));
  };
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} actions={<Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited("new")}>{t("new")}</Button>} />
      <Group mb="md"><SearchField label={t("search")} value={search.q} onSearch={(q) => show({ q })} /></Group>
      <Loaded query={query} skeleton={<RowsSkeleton rows={6} height={52} />}>
        {({ data: users, pagination }) =>
          users.length > 0 ? (
            <>
              <DataTable label={t("list")} columns={columns} rows={users} keyOf={(one) => one.id} total={pagination.total} onOpen={setEdited} />
              <Pager pagination={pagination} onPage={(page) => show({ ...search, page })} />
            </>
          ) : (
            <EmptyState icon={IconUsers} title={t("nothing.title")} action={<Button variant="default" onClick={() => show({})}>{t("nothing.clear")}</Button>}>{t("nothing.text", { q: search.q ?? "" })}</EmptyState>
          )
        }
      </Loaded>
      <UserForm user={edited} onClose={() => setEdited(null)} />
      {deleted ? (
        <ConfirmDialog opened onClose={() => setDeleted(null)} title={t("deleteTitle", { name: deleted.name })} confirm={t("deleteConfirm")} onConfirm={() => confirmed(deleted)}>{t("deleteText")}</ConfirmDialog>
      ) : null}
    </>
  );
}

function useColumns(onEdit: (user: User) => void, onDelete: (user: User) => void): Column<User>[] {
  const { t } = useTranslation(["users", "common", "words"]);
  const caller = useCaller();
  return [
    {
      key: "name",
      header: t("name"),
      width: "minmax(150px, 2fr)",
      cell: (one) => (
        <>
          <Text fz="sm" fw={600} className="breaks">{one.name}{one.id === caller.id ? <Text span c="dimmed" fw={400}> ({t("you")})</Text> : null}</Text>
          <Text fz="xs" c="dimmed" className="breaks">{one.email}</Text>
        </>
      ),
    },
    { key: "role", header: t("role"), width: "120px", cell: (one) => t(`words:role.${one.role}`) },
    { key: "partner", header: t("partner"), width: "minmax(120px, 1fr)", from: "sm", cell: (one) => <PartnerName id={one.partnerId} /> },
    { key: "created", header: t("created"), width: "150px", from: "md", cell: (one) => <RelativeTime at={one.createdAt} /> },
    {
      key: "actions",
      header: <span className="spoken">{t("common:actions")}</span>,
      width: "36px",
      align: "end",
      cell: (one) => {
        const edit = { icon: IconEdit, text: t("common:edit"), act: () => onEdit(one) };
        const remove = { icon: IconTrash, text: t("common:delete"), act: () => onDelete(one), destroys: true };
        // Nobody takes away their own way in.
        return <RowMenu label={t("moreOf", { name: one.name })} actions={one.id === caller.id ? [edit] : [edit, remove]} />;
      },
    },
  ];
}
