/** The ways to reach people: how each stands, a test message, and what can be changed. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { RelativeTime } from "~/parts/RelativeTime";
import { type RowAction, RowMenu } from "~/parts/RowMenu";
import { ActiveBadge, OutcomeBadge } from "~/parts/StatusBadge";
import { IconBell, IconEdit, IconPlus, IconSend, IconTrash } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { type AlertChannel, alertChannelsQuery, useDeleteChannel } from "~/queries/alerts";
import { useMay } from "~/session/session";
import { ChannelForm } from "./ChannelForm";
import { ChannelTestDialog } from "./ChannelTestDialog";
import { destinationOf } from "./channel-values";
import { useKindText } from "./words";

export function ChannelsTab() {
  const { t } = useTranslation("alerts");
  const query = useQuery({ ...alertChannelsQuery, refetchInterval: 20_000 });
  const [edited, setEdited] = useState<AlertChannel | "new" | null>(null);
  const [deleted, setDeleted] = useState<AlertChannel | null>(null);
  const [tested, setTested] = useState<AlertChannel | null>(null);
  const remove = useDeleteChannel();
  const notices = useNotices();
  const mayChange = useMay("admin");
  const columns = useColumns(setEdited, setDeleted, setTested);
  const add = mayChange ? <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited("new")}>{t("channel.new")}</Button> : null;
  const confirmed = async (channel: AlertChannel) => {
    await remove.mutateAsync(channel.id);
    notices.done(t("deletedNotice", { name: channel.name }));
  };
  return (
    <>
      <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={64} />}>
        {(channels) => channels.length === 0
          ? <EmptyState icon={IconBell} title={t("channel.empty.title")} action={add}>{t(mayChange ? "channel.empty.text" : "channel.empty.textForReaders")}</EmptyState>
          : (
            <Stack gap="sm">
              <Group justify="space-between"><Text fz="sm" c="dimmed" maw={640}>{t("channel.description")}</Text>{add}</Group>
              <DataTable label={t("tab.channels")} columns={columns} rows={channels} keyOf={(one) => one.id} rowHeight={64} {...(mayChange ? { onOpen: setEdited } : {})} />
            </Stack>
          )}
      </Loaded>
      <ChannelForm channel={edited} channels={query.data ?? []} onClose={() => setEdited(null)} onTest={setTested} />
      {tested ? <ChannelTestDialog key={tested.id} channel={tested} onClose={() => setTested(null)} /> : null}
      {deleted ? (
        <ConfirmDialog opened onClose={() => setDeleted(null)} title={t("channel.deleteTitle", { name: deleted.name })} confirm={t("channel.deleteConfirm")} onConfirm={() => confirmed(deleted)}>
          {t("channel.deleteText")}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

type Choose = (channel: AlertChannel) => void;

function useColumns(onEdit: Choose, onDelete: Choose, onTest: Choose): Column<AlertChannel>[] {
  const { t } = useTranslation(["alerts", "common"]);
  const mayTest = useMay("operator");
  const mayChange = useMay("admin");
  const kindText = useKindText();
  const columns: Column<AlertChannel>[] = [
    {
      key: "name",
      header: t("channel.name"),
      width: "minmax(150px, 2fr)",
      cell: (one) => (
        <>
          <Text fz="sm" fw={600} className="breaks">{one.name}</Text>
          <Text fz="xs" c="dimmed" lineClamp={2} className="breaks">{[kindText(one.kind), destinationOf(one)].filter(Boolean).join(" · ")}</Text>
          {one.lastStatus === "failed" && one.lastError ? <Text fz="xs" c="var(--tone-critical-text)" lineClamp={2} className="breaks">{one.lastError}</Text> : null}
        </>
      ),
    },
    {
      key: "last",
      header: t("channel.last"),
      width: "minmax(104px, 200px)",
      cell: (one) => (
        <Group gap={6}>
          <OutcomeBadge status={one.lastStatus ?? "never"} size="sm" />
          {one.lastDeliveryAt ? <Text span fz="xs" c="dimmed"><RelativeTime at={one.lastDeliveryAt} /></Text> : null}
        </Group>
      ),
    },
    { key: "active", header: t("channel.state"), width: "116px", from: "md", cell: (one) => <ActiveBadge active={one.isActive} size="sm" /> },
  ];
  if (!mayTest) return columns;
  return [
    ...columns,
    { key: "test", header: <span className="spoken">{t("channel.test")}</span>, width: "96px", from: "sm", align: "end", cell: (one) => <Button size="compact-sm" variant="default" aria-label={t("channel.testOf", { name: one.name })} onClick={() => onTest(one)}>{t("channel.test")}</Button> },
    {
      key: "actions",
      header: <span className="spoken">{t("common:actions")}</span>,
      width: "36px",
      align: "end",
      cell: (one) => {
        const actions: RowAction[] = [{ icon: IconSend, text: t("channel.sendTest"), act: () => onTest(one) }];
        if (mayChange) actions.push({ icon: IconEdit, text: t("common:edit"), act: () => onEdit(one) }, { icon: IconTrash, text: t("common:delete"), act: () => onDelete(one), destroys: true });
        return <RowMenu label={t("moreOf", { name: one.name })} actions={actions} />;
      },
    },
  ];
}
