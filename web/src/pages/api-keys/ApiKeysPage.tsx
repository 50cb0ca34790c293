/** Programs' keys: create (shown once), list, revoke. */
import { Button, Code, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
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
import { ToneBadge } from "~/parts/ToneBadge";
import { IconClock, IconKey, IconPlus, IconTrash } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { useNow } from "~/parts/now";
import { type ApiKey, type PeopleFilter, apiKeysQuery, useDeleteApiKey } from "~/queries/people";
import { NewApiKey } from "./NewApiKey";
import { apiKeysRoute } from "./route";

export function ApiKeysPage() {
  const { t } = useTranslation("api-keys");
  const search = apiKeysRoute.useSearch();
  const navigate = useNavigate({ from: "/api-keys" });
  const show = (search: PeopleFilter) => void navigate({ search, replace: true });
  const query = useQuery(apiKeysQuery(search));
  const [isNew, setNew] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const remove = useDeleteApiKey();
  const notices = useNotices();
  const columns = useColumns(setRevoked);
  const create = <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setNew(true)}>{t("new")}</Button>;
  const confirmed = async (key: ApiKey) => {
    await remove.mutateAsync(key.id);
    notices.done(t("revokedNotice", { name: key.name }));
  };
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} actions={create} />
      <Group mb="md"><SearchField label={t("search")} value={search.q} onSearch={(q) => show({ q })} /></Group>
      <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={52} />}>
        {({ data: keys, pagination }) =>
          keys.length > 0 ? (
            <>
              <DataTable label={t("list")} columns={columns} rows={keys} keyOf={(one) => one.id} total={pagination.total} />
              <Pager pagination={pagination} onPage={(page) => show({ ...search, page })} />
            </>
          ) : search.q === undefined ? (
            <EmptyState icon={IconKey} title={t("empty.title")} action={create}>{t("empty.text")}</EmptyState>
          ) : (
            <EmptyState icon={IconKey} title={t("nothing.title")} action={<Button variant="default" onClick={() => show({})}>{t("nothing.clear")}</Button>}>{t("nothing.text", { q: search.q })}</EmptyState>
          )
        }
      </Loaded>
      <NewApiKey opened={isNew} onClose={() => setNew(false)} />
      {revoked ? (
        <ConfirmDialog opened onClose={() => setRevoked(null)} title={t("revokeTitle", { name: revoked.name })} confirm={t("revokeConfirm")} onConfirm={() => confirmed(revoked)}>{t("revokeText", { prefix: revoked.prefix })}</ConfirmDialog>
      ) : null}
    </>
  );
}

function useColumns(onRevoke: (key: ApiKey) => void): Column<ApiKey>[] {
  const { t } = useTranslation(["api-keys", "common", "words"]);
  return [
    {
      key: "name",
      header: t("name"),
      width: "minmax(140px, 2fr)",
      cell: (one) => <><Text fz="sm" fw={600} className="breaks">{one.name}</Text><Text fz="xs" c="dimmed" hiddenFrom="sm">{one.prefix}…</Text></>,
    },
    { key: "prefix", header: t("prefix"), width: "150px", from: "sm", cell: (one) => <Code>{one.prefix}…</Code> },
    { key: "role", header: t("role"), width: "110px", cell: (one) => t(`words:role.${one.role}`) },
    { key: "partner", header: t("partner"), width: "minmax(120px, 1fr)", from: "md", cell: (one) => <PartnerName id={one.partnerId} /> },
    { key: "used", header: t("used"), width: "150px", from: "md", cell: (one) => <RelativeTime at={one.lastUsedAt} never={t("neverUsed")} /> },
    { key: "expires", header: t("expires"), width: "130px", from: "lg", cell: (one) => <Expiry at={one.expiresAt} /> },
    {
      key: "actions",
      header: <span className="spoken">{t("common:actions")}</span>,
      width: "36px",
      align: "end",
      cell: (one) => <RowMenu label={t("moreOf", { name: one.name })} actions={[{ icon: IconTrash, text: t("revoke"), act: () => onRevoke(one), destroys: true }]} />,
    },
  ];
}

function Expiry({ at }: { at: string | null }) {
  const { t } = useTranslation(["api-keys", "common"]);
  const format = useFormat();
  const now = useNow();
  if (at === null) return <>{t("common:never")}</>;
  if (Date.parse(at) <= now) return <ToneBadge tone="critical" icon={IconClock} size="sm">{t("expired")}</ToneBadge>;
  return <>{format.date(at)}</>;
}
