/** Incidents as rows: how grave, what happened, where, since when, how long, and what it cost. */
import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type Column, DataTable } from "~/parts/DataTable";
import { IntegrationName } from "~/parts/IntegrationName";
import { PartnerName } from "~/parts/PartnerName";
import { ProviderName } from "~/parts/ProviderName";
import { RelativeTime } from "~/parts/RelativeTime";
import { TextLink } from "~/parts/links";
import { useNow } from "~/parts/now";
import type { Incident } from "~/queries/incidents";
import { SeverityBadge, StateBadge } from "./words";
import { lasted } from "./timeline";

interface Props {
  readonly label: string;
  readonly incidents: readonly Incident[];
  readonly total?: number;
}

export function IncidentTable({ label, incidents, total }: Props) {
  const navigate = useNavigate();
  const columns = useColumns();
  const open = (one: Incident) => void navigate({ to: "/incidents/$incidentId", params: { incidentId: one.id } });
  return <DataTable label={label} columns={columns} rows={incidents} keyOf={(one) => one.id} onOpen={open} rowHeight={72} {...(total === undefined ? {} : { total })} />;
}

function useColumns(): Column<Incident>[] {
  const { t } = useTranslation("incidents");
  const format = useFormat();
  return useMemo(() => [
    { key: "severity", header: t("columns.severity"), width: "116px", from: "sm", cell: (one) => <SeverityBadge severity={one.severity} size="sm" /> },
    {
      key: "summary",
      header: t("columns.summary"),
      width: "minmax(180px, 3fr)",
      cell: (one) => (
        <>
          <TextLink fz="sm" fw={600} className="breaks" lineClamp={3} to="/incidents/$incidentId" params={{ incidentId: one.id }}>{one.summary}</TextLink>
          <Text fz="xs" c={`var(--tone-${one.severity}-text)`} fw={600} hiddenFrom="sm">{t(`severity.${one.severity}`)}</Text>
          <Text fz="xs" c="dimmed" component="div" className="breaks">
            {one.integrationId ? <><IntegrationName id={one.integrationId} /> · <PartnerName id={one.partnerId} /></> : <><ProviderName slug={one.provider} /> · {t("affected", { count: one.affectedIntegrations })}</>}
          </Text>
        </>
      ),
    },
    { key: "state", header: t("columns.state"), width: "130px", from: "lg", cell: (one) => <StateBadge incident={one} size="sm" /> },
    { key: "started", header: t("columns.started"), width: "132px", from: "md", cell: (one) => <RelativeTime at={one.startedAt} /> },
    { key: "duration", header: t("columns.duration"), width: "84px", cell: (one) => <Lasted incident={one} /> },
    { key: "calls", header: t("columns.calls"), width: "92px", from: "sm", align: "end", cell: (one) => format.number(one.affectedCalls) },
  ], [t, format]);
}

/** Grows while it is open. */
export function Lasted({ incident }: { incident: Incident }) {
  const format = useFormat();
  return <span className="figures">{format.duration(lasted(incident, useNow()))}</span>;
}
