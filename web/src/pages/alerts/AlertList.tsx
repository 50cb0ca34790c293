/** What each rule has to say of each incident, and where that stands. */
import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { FilterChips } from "~/parts/FilterChips";
import { IntegrationName } from "~/parts/IntegrationName";
import { Loaded } from "~/parts/Loaded";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { useProviderName } from "~/parts/ProviderName";
import { RelativeTime } from "~/parts/RelativeTime";
import { IconBell } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import { oneOf } from "~/parts/search-parameters";
import { ALERT_STATES, type Alert, alertsQuery } from "~/queries/alerts";
import { INCIDENT_KINDS, SEVERITIES } from "~/queries/incidents";
import { SeverityBadge } from "../incidents/words";
import type { LogSearch } from "./route";

export function AlertList({ search, onShow }: { search: LogSearch; onShow: (search: LogSearch) => void }) {
  const { t } = useTranslation("alerts");
  const navigate = useNavigate();
  const state = oneOf(search.state, ALERT_STATES);
  const query = useQuery({ ...alertsQuery({ state, page: search.page }), refetchInterval: 10_000 });
  const columns = useColumns();
  const open = (one: Alert) => void navigate({ to: "/incidents/$incidentId", params: { incidentId: one.incidentId } });
  return (
    <>
      <FilterChips single label={t("log.state")} chips={ALERT_STATES.map((value) => ({ value, label: t(`alert.${value}`) }))} chosen={state && [state]} onChange={(chosen) => onShow({ view: "alerts", state: chosen?.[0] })} />
      <Loaded query={query} skeleton={<RowsSkeleton rows={6} height={60} />}>
        {({ data: rows, pagination }) => rows.length > 0 ? (
          <div>
            <DataTable label={t("log.alerts")} columns={columns} rows={rows} keyOf={(one) => one.id} total={pagination.total} rowHeight={60} onOpen={open} />
            <Pager pagination={pagination} onPage={(page) => onShow({ ...search, page })} />
          </div>
        ) : state
          ? <EmptyState icon={IconBell} title={t("log.nothing")} action={<Button variant="default" onClick={() => onShow({ view: "alerts" })}>{t("log.clear")}</Button>} />
          : <EmptyState icon={IconBell} title={t("log.noAlerts.title")}>{t("log.noAlerts.text")}</EmptyState>}
      </Loaded>
    </>
  );
}

function useColumns(): Column<Alert>[] {
  const { t } = useTranslation(["alerts", "incidents"]);
  const format = useFormat();
  const providerName = useProviderName();
  const about = (one: Alert) => {
    const kind = oneOf(one.kind, INCIDENT_KINDS);
    return [kind ? t(`incidents:kind.${kind}`) : t("log.incident"), one.provider ? providerName(one.provider) : null].filter(Boolean).join(" · ");
  };
  return [
    { key: "at", header: t("log.at"), width: "132px", from: "md", cell: (one) => <RelativeTime at={one.createdAt} /> },
    {
      key: "what",
      header: t("log.incident"),
      width: "minmax(150px, 2fr)",
      cell: (one) => (
        <>
          <TextLink fz="sm" fw={600} to="/incidents/$incidentId" params={{ incidentId: one.incidentId }}>{about(one)}</TextLink>
          {one.integrationId ? <Text fz="xs" component="div"><IntegrationName id={one.integrationId} /></Text> : null}
          <Text fz="xs" c="dimmed" className="breaks">{one.ruleName}</Text>
        </>
      ),
    },
    { key: "severity", header: t("incidents:columns.severity"), width: "116px", from: "sm", cell: (one) => { const severity = oneOf(one.severity, SEVERITIES); return severity ? <SeverityBadge severity={severity} size="sm" /> : "–"; } },
    { key: "state", header: t("log.state"), width: "116px", cell: (one) => { const known = oneOf(one.state, ALERT_STATES); return known ? t(`alert.${known}`) : one.state; } },
    { key: "told", header: t("log.told"), width: "110px", from: "sm", align: "end", cell: (one) => format.number(one.toldCount) },
  ];
}
