/** Who is told of what: the rules, and what can be changed. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { PartnerName } from "~/parts/PartnerName";
import { RowMenu } from "~/parts/RowMenu";
import { ActiveBadge } from "~/parts/StatusBadge";
import { useProviderName } from "~/parts/ProviderName";
import { IconBell, IconEdit, IconPlus, IconTrash } from "~/parts/icons";
import { ButtonLink } from "~/parts/links";
import { useNow } from "~/parts/now";
import { useNotices } from "~/parts/notices";
import { oneOf } from "~/parts/search-parameters";
import { type AlertRule, alertChannelsQuery, alertRulesQuery, useDeleteRule } from "~/queries/alerts";
import { INCIDENT_KINDS, SEVERITIES } from "~/queries/incidents";
import { useMay } from "~/session/session";
import { RuleForm } from "./RuleForm";

export function RulesTab() {
  const { t } = useTranslation("alerts");
  const query = useQuery(alertRulesQuery);
  const channels = useQuery(alertChannelsQuery);
  const [edited, setEdited] = useState<AlertRule | "new" | null>(null);
  const [deleted, setDeleted] = useState<AlertRule | null>(null);
  const remove = useDeleteRule();
  const notices = useNotices();
  const mayChange = useMay("admin");
  const columns = useColumns(setEdited, setDeleted);
  const hasChannel = (channels.data?.length ?? 0) > 0;
  const add = !mayChange ? null : hasChannel
    ? <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited("new")}>{t("rule.new")}</Button>
    : <ButtonLink to="/alerts/channels">{t("rule.channelFirst")}</ButtonLink>;
  const confirmed = async (rule: AlertRule) => {
    await remove.mutateAsync(rule.id);
    notices.done(t("deletedNotice", { name: rule.name }));
  };
  return (
    <>
      <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={64} />}>
        {(rules) => rules.length === 0
          ? <EmptyState icon={IconBell} title={t("rule.empty.title")} action={channels.isPending ? null : add}>{t(!mayChange ? "rule.empty.textForReaders" : hasChannel ? "rule.empty.text" : "rule.empty.textNoChannel")}</EmptyState>
          : (
            <Stack gap="sm">
              <Group justify="space-between"><Text fz="sm" c="dimmed" maw={640}>{t("rule.description")}</Text>{add}</Group>
              <DataTable label={t("tab.rules")} columns={columns} rows={rules} keyOf={(one) => one.id} rowHeight={64} {...(mayChange ? { onOpen: setEdited } : {})} />
            </Stack>
          )}
      </Loaded>
      <RuleForm rule={edited} channels={channels.data ?? []} onClose={() => setEdited(null)} />
      {deleted ? (
        <ConfirmDialog opened onClose={() => setDeleted(null)} title={t("rule.deleteTitle", { name: deleted.name })} confirm={t("rule.deleteConfirm")} onConfirm={() => confirmed(deleted)}>
          {t("rule.deleteText")}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function useColumns(onEdit: (rule: AlertRule) => void, onDelete: (rule: AlertRule) => void): Column<AlertRule>[] {
  const { t } = useTranslation(["alerts", "incidents", "common"]);
  const format = useFormat();
  const now = useNow();
  const channels = useQuery(alertChannelsQuery);
  const providerName = useProviderName();
  const mayChange = useMay("admin");
  /** In a line: from which severity, which kinds, which providers, how many partners. */
  const about = (rule: AlertRule) => [
    t(`rule.from.${oneOf(rule.minimumSeverity, SEVERITIES) ?? "warning"}`),
    ...rule.kinds.map((kind) => { const known = oneOf(kind, INCIDENT_KINDS); return known ? t(`incidents:kind.${known}`) : kind; }),
    ...rule.providers.map(providerName),
    ...(rule.partnerIds.length > 0 ? [t("rule.partners", { count: rule.partnerIds.length })] : []),
  ].join(" · ");
  const names = (rule: AlertRule) => rule.channelIds.map((id) => channels.data?.find((one) => one.id === id)?.name ?? "…").join(", ");
  const columns: Column<AlertRule>[] = [
    {
      key: "name",
      header: t("rule.name"),
      width: "minmax(160px, 2fr)",
      cell: (one) => (
        <>
          <Text fz="sm" fw={600} className="breaks">{one.name}</Text>
          <Text fz="xs" c="dimmed" className="breaks">{about(one)}</Text>
          <Text fz="xs" c="dimmed" className="breaks" hiddenFrom="sm">→ {names(one)}</Text>
          {one.heldUntil && new Date(one.heldUntil).getTime() > now ? <Text fz="xs" c="var(--tone-warning-text)">{t("rule.held", { time: format.time(one.heldUntil) })}</Text> : null}
        </>
      ),
    },
    { key: "channels", header: t("rule.channels"), width: "minmax(110px, 1fr)", from: "sm", cell: (one) => <span className="breaks">{names(one)}</span> },
    { key: "repeat", header: t("rule.repeat"), width: "130px", from: "lg", cell: (one) => (one.repeatMinutes ? t("rule.every", { time: format.duration(one.repeatMinutes * 60_000) }) : t("rule.once")) },
    { key: "owner", header: t("owner"), width: "140px", from: "lg", cell: (one) => (one.partnerId ? <PartnerName id={one.partnerId} /> : t("operators")) },
    { key: "active", header: t("channel.state"), width: "104px", cell: (one) => <ActiveBadge active={one.isActive} size="sm" /> },
  ];
  if (!mayChange) return columns;
  return [
    ...columns,
    {
      key: "actions",
      header: <span className="spoken">{t("common:actions")}</span>,
      width: "36px",
      align: "end",
      cell: (one) => <RowMenu label={t("moreOf", { name: one.name })} actions={[{ icon: IconEdit, text: t("common:edit"), act: () => onEdit(one) }, { icon: IconTrash, text: t("common:delete"), act: () => onDelete(one), destroys: true }]} />,
    },
  ];
}
