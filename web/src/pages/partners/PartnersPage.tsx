/** All partners that the reader may see: search, create, edit, delete. */
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { RelativeTime } from "~/parts/RelativeTime";
import { RowMenu } from "~/parts/RowMenu";
import { SearchField } from "~/parts/SearchField";
import { ActiveBadge } from "~/parts/StatusBadge";
import { IconBuilding, IconEdit, IconPlus, IconTrash } from "~/parts/icons";
import { ButtonLink, TextLink } from "~/parts/links";
import { type Partner, partnersQuery } from "~/queries/partners";
import { useMayManagePartners } from "~/session/session";
import { DeletePartner } from "./DeletePartner";
import { PartnerForm } from "./PartnerForm";
import { type PartnersSearch, partnersRoute } from "./route";

export function PartnersPage() {
  const { t } = useTranslation(["partners", "common"]);
  const search = partnersRoute.useSearch();
  const navigate = useNavigate({ from: "/partners" });
  const show = (search: PartnersSearch) => void navigate({ search, replace: true });
  const query = useQuery(partnersQuery(search));
  const mayManage = useMayManagePartners();
  const [edited, setEdited] = useState<Partner | "new" | null>(null);
  const [deleted, setDeleted] = useState<Partner | null>(null);
  const columns = useColumns(mayManage, setEdited, setDeleted);
  const create = <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited("new")}>{t("new")}</Button>;
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} actions={mayManage ? create : null} />
      <Group mb="md"><SearchField label={t("search")} value={search.q} onSearch={(q) => show({ q })} /></Group>
      <Loaded query={query} skeleton={<RowsSkeleton rows={8} height={52} />}>
        {({ data: partners, pagination }) =>
          pagination.total > 0 ? (
            <>
              <DataTable label={t("list")} columns={columns} rows={partners} keyOf={(one) => one.id} total={pagination.total} onOpen={(one) => void navigate({ to: "/partners/$partnerId", params: { partnerId: one.id } })} />
              <Pager pagination={pagination} onPage={(page) => show({ ...search, page })} />
            </>
          ) : search.q !== undefined ? (
            <EmptyState icon={IconBuilding} title={t("nothing.title")} action={<Button variant="default" onClick={() => show({})}>{t("nothing.clear")}</Button>}>{t("nothing.text", { q: search.q })}</EmptyState>
          ) : (
            <EmptyState icon={IconBuilding} title={t("empty.title")} action={mayManage ? <ButtonLink to="/guide">{t("empty.guide")}</ButtonLink> : null}>{t("empty.text")}</EmptyState>
          )
        }
      </Loaded>
      <PartnerForm partner={edited} onClose={() => setEdited(null)} />
      <DeletePartner partner={deleted} onClose={() => setDeleted(null)} />
    </>
  );
}

function useColumns(mayManage: boolean, onEdit: (one: Partner) => void, onDelete: (one: Partner) => void): Column<Partner>[] {
  const { t } = useTranslation(["partners", "common"]);
  const actions = (one: Partner) => [
    { icon: IconEdit, text: t("common:edit"), act: () => onEdit(one) },
    { icon: IconTrash, text: t("common:delete"), act: () => onDelete(one), destroys: true },
  ];
  const columns: Column<Partner>[] = [
    {
      key: "name",
      header: t("name"),
      width: "minmax(150px, 2fr)",
      cell: (one) => (
        <>
          <TextLink to="/partners/$partnerId" params={{ partnerId: one.id }} fw={600} tabIndex={-1}>{one.name}</TextLink>
          <Text fz="xs" c="dimmed" hiddenFrom="sm">{one.slug}</Text>
        </>
      ),
    },
    { key: "slug", header: t("slug"), width: "minmax(120px, 1.4fr)", from: "sm", cell: (one) => <Text fz="sm" c="dimmed" className="breaks">{one.slug}</Text> },
    { key: "status", header: t("status"), width: "120px", cell: (one) => <ActiveBadge active={one.isActive} size="sm" /> },
    { key: "created", header: t("created"), width: "150px", from: "md", cell: (one) => <RelativeTime at={one.createdAt} /> },
  ];
  if (mayManage) columns.push({ key: "actions", header: <span className="spoken">{t("common:actions")}</span>, width: "36px", align: "end", cell: (one) => <RowMenu label={t("moreOf", { name: one.name })} actions={actions(one)} /> });
  return columns;
}
