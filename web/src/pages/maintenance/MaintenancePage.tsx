/** When failures are expected: what holds, what lies ahead and what is over. */
import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { FilterChips } from "~/parts/FilterChips";
import { IntegrationName } from "~/parts/IntegrationName";
import { Loaded } from "~/parts/Loaded";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { PartnerName } from "~/parts/PartnerName";
import { Person } from "~/parts/Person";
import { ProviderName } from "~/parts/ProviderName";
import { RowMenu } from "~/parts/RowMenu";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconClock, IconClose, IconPlus, IconTool, IconUnknown } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { oneOf } from "~/parts/search-parameters";
import { MAINTENANCE_STATES, type Maintenance, type MaintenanceFilter, maintenanceQuery, useEndMaintenance } from "~/queries/maintenance";
import { useMay } from "~/session/session";
import { PlanForm } from "./PlanForm";
import { maintenanceRoute } from "./route";

const LOOKS = {
  planned: { tone: "information", icon: IconClock },
  active: { tone: "warning", icon: IconTool },
  over: { tone: "unknown", icon: IconCheck },
} as const;

export function MaintenancePage() {
  const { t } = useTranslation("maintenance");
  const search = maintenanceRoute.useSearch();
  const navigate = useNavigate({ from: "/maintenance" });
  const show = (next: MaintenanceFilter) => void navigate({ search: next, replace: true });
  const query = useQuery({ ...maintenanceQuery(search), refetchInterval: 30_000 });
  const [plans, setPlans] = useState(false);
  const [ended, setEnded] = useState<Maintenance | null>(null);
  const end = useEndMaintenance();
  const notices = useNotices();
  const mayPlan = useMay("operator");
  const columns = useColumns(setEnded);
  const isPlanned = ended?.state === "planned";
  const plan = mayPlan ? <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setPlans(true)}>{t("plan")}</Button> : null;
  const confirmed = async (one: Maintenance) => {
    await end.mutateAsync(one.id);
    notices.done(t(one.state === "planned" ? "cancelledNotice" : "endedNotice"));
  };
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} actions={plan} />
      <Stack gap="md">
        <FilterChips single label={t("state")} chips={MAINTENANCE_STATES.map((value) => ({ value, label: t(`filter.${value}`) }))} chosen={search.state && [search.state]} onChange={(chosen) => show({ state: chosen?.[0] })} />
        <Loaded query={query} skeleton={<RowsSkeleton rows={5} height={64} />}>
          {({ data: rows, pagination }) => rows.length > 0 ? (
            <div>
              <DataTable label={t("title")} columns={columns} rows={rows} keyOf={(one) => one.id} total={pagination.total} rowHeight={64} />
              <Pager pagination={pagination} onPage={(page) => show({ ...search, page })} />
            </div>
          ) : search.state
            ? <EmptyState icon={IconTool} title={t("nothing")} action={<Button variant="default" onClick={() => show({})}>{t("all")}</Button>} />
            : <EmptyState icon={IconTool} title={t("empty.title")}>{t("empty.text")}</EmptyState>}
        </Loaded>
      </Stack>
      <PlanForm opened={plans} onClose={() => setPlans(false)} />
      {ended ? (
        <ConfirmDialog opened onClose={() => setEnded(null)} title={t(isPlanned ? "cancelTitle" : "endTitle")} confirm={t(isPlanned ? "cancel" : "end")} onConfirm={() => confirmed(ended)}>
          {t(isPlanned ? "cancelText" : "endText", { reason: ended.reason })}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

/** All that it is about: what is given narrows together. */
function About({ one }: { one: Maintenance }) {
  const { t } = useTranslation("maintenance");
  const parts = [
    one.integrationId ? <IntegrationName key="integration" id={one.integrationId} /> : null,
    one.partnerId ? <PartnerName key="partner" id={one.partnerId} /> : null,
    one.provider ? <ProviderName key="provider" slug={one.provider} /> : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return <>{t("everything")}</>;
  return <>{parts.flatMap((part, index) => (index === 0 ? [part] : [" · ", part]))}</>;
}

function useColumns(onEnd: (one: Maintenance) => void): Column<Maintenance>[] {
  const { t } = useTranslation(["maintenance", "common"]);
  const format = useFormat();
  const mayPlan = useMay("operator");
  const until = (one: Maintenance) => (one.endsAt ? format.dateTime(one.endsAt) : t("openEnd"));
  const columns: Column<Maintenance>[] = [
    {
      key: "about",
      header: t("about"),
      width: "minmax(120px, 2fr)",
      cell: (one) => (
        <>
          <Text fz="sm" fw={600} component="div" className="breaks"><About one={one} /></Text>
          <Text fz="xs" c="dimmed" className="breaks">{[one.isPause ? t("pause") : null, one.reason].filter(Boolean).join(" · ")}</Text>
          <Text fz="xs" c="dimmed" className="figures" hiddenFrom="sm">{format.dateTime(one.startsAt)} – {until(one)}</Text>
        </>
      ),
    },
    {
      key: "state",
      header: t("state"),
      width: "112px",
      cell: (one) => {
        const state = oneOf(one.state, ["planned", "active", "over"] as const);
        return state ? <ToneBadge {...LOOKS[state]} size="sm">{t(`states.${state}`)}</ToneBadge> : <ToneBadge tone="unknown" icon={IconUnknown} size="sm">{one.state}</ToneBadge>;
      },
    },
    { key: "from", header: t("from"), width: "170px", from: "sm", cell: (one) => <time dateTime={one.startsAt}>{format.dateTime(one.startsAt)}</time> },
    { key: "to", header: t("to"), width: "170px", from: "sm", cell: (one) => <span className="figures">{until(one)}</span> },
    { key: "by", header: t("by"), width: "130px", from: "lg", cell: (one) => <Person id={one.createdBy} /> },
  ];
  if (!mayPlan) return columns;
  return [
    ...columns,
    {
      key: "actions",
      header: <span className="spoken">{t("common:actions")}</span>,
      width: "36px",
      align: "end",
      cell: (one) => (one.state === "over" ? null : <RowMenu label={t("moreOf", { reason: one.reason })} actions={[{ icon: IconClose, text: t(one.state === "planned" ? "cancel" : "end"), act: () => onEnd(one), destroys: true }]} />),
    },
  ];
}
