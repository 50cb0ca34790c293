/** One incident: what happened, since when, what it touches, and its timeline. */
import { Button, Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { IntegrationName } from "~/parts/IntegrationName";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { PageSkeleton } from "~/parts/PageSkeleton";
import { PartnerName } from "~/parts/PartnerName";
import { Person } from "~/parts/Person";
import { ProviderName } from "~/parts/ProviderName";
import { RelativeTime } from "~/parts/RelativeTime";
import { type Fact, Facts } from "~/parts/facts";
import { IconCheck } from "~/parts/icons";
import { TextLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type IncidentDetail, incidentQuery, useAcknowledge } from "~/queries/incidents";
import { useMay } from "~/session/session";
import { IncidentTable, Lasted } from "./IncidentTable";
import { Timeline } from "./Timeline";
import { incidentRoute } from "./route";
import { SeverityBadge, StateBadge, useCauseText, useSentenceLanguage } from "./words";

export function IncidentPage() {
  const { incidentId } = incidentRoute.useParams();
  const query = useQuery({ ...incidentQuery(incidentId, useSentenceLanguage()), refetchInterval: 20_000 });
  if (query.data) return <Shown incident={query.data} />;
  if (query.error instanceof ApiError && [400, 404].includes(query.error.status)) return <NotFound />;
  if (query.isError) return <ErrorState error={query.error} busy={query.isFetching} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Shown({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation("incidents");
  return (
    <>
      <PageHeader
        title={incident.summary}
        crumbs={[<TextLink key="incidents" to="/incidents">{t("title")}</TextLink>]}
        description={<div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}><SeverityBadge severity={incident.severity} /><StateBadge incident={incident} /></div>}
        actions={<Acknowledge incident={incident} />}
      />
      <Stack gap="lg">
        <Card><Title order={2} mb="md">{t("facts")}</Title><Facts facts={useFacts(incident)} columns={3} /></Card>
        {incident.kind === "provider_outage" ? (
          <section aria-labelledby="members">
            <Title order={2} id="members" mb="sm">{t("members")}</Title>
            {incident.members.length === 0 ? <Text fz="sm" c="dimmed">{t("noMembers")}</Text> : <IncidentTable label={t("members")} incidents={incident.members} />}
          </section>
        ) : null}
        <Timeline incident={incident} />
      </Stack>
    </>
  );
}

function Acknowledge({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation("incidents");
  const may = useMay("operator");
  const acknowledge = useAcknowledge(incident.id);
  const notices = useNotices();
  if (!may || incident.acknowledgedAt || incident.closedAt) return null;
  const act = () => acknowledge.mutate(undefined, { onSuccess: () => notices.done(t("acknowledgedNotice")), onError: (error) => notices.failed(error) });
  return <Button leftSection={<IconCheck size={16} aria-hidden />} loading={acknowledge.isPending} onClick={act}>{t("acknowledge")}</Button>;
}

function useFacts(incident: IncidentDetail): Fact[] {
  const { t } = useTranslation("incidents");
  const format = useFormat();
  const causeText = useCauseText();
  const { integrationId, webhookId, outageId } = incident;
  const facts: (Fact | null)[] = [
    integrationId ? { name: t("fact.integration"), value: <IntegrationName id={integrationId} /> } : null,
    incident.partnerId ? { name: t("fact.partner"), value: <PartnerName id={incident.partnerId} /> } : null,
    { name: t("fact.provider"), value: <ProviderName slug={incident.provider} /> },
    { name: t("fact.kind"), value: t(`kind.${incident.kind}`) },
    { name: t("fact.cause"), value: causeText(incident.cause) },
    { name: t("fact.openedBy"), value: t(`trigger.${incident.openedBy}`) },
    { name: t("columns.started"), value: format.exact(incident.startedAt) },
    { name: t("fact.opened"), value: format.exact(incident.openedAt) },
    { name: t("fact.closed"), value: incident.closedAt ? format.exact(incident.closedAt) : t("fact.stillOpen") },
    { name: t("columns.duration"), value: <Lasted incident={incident} /> },
    { name: t("fact.lastFailure"), value: <RelativeTime at={incident.lastFailureAt} /> },
    { name: t("columns.calls"), value: format.number(incident.affectedCalls) },
    incident.kind === "provider_outage" ? { name: t("fact.integrations"), value: format.number(incident.affectedIntegrations) } : null,
    integrationId && webhookId
      ? { name: t("fact.webhook"), value: <TextLink to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId, webhookId }}>{t("fact.toWebhook")}</TextLink> }
      : null,
    outageId ? { name: t("fact.outage"), value: <TextLink to="/incidents/$incidentId" params={{ incidentId: outageId }}>{t("fact.toOutage")}</TextLink> } : null,
    incident.acknowledgedAt
      ? { name: t("fact.acknowledged"), value: <>{incident.acknowledgedBy ? <><Person id={incident.acknowledgedBy} />, </> : null}<RelativeTime at={incident.acknowledgedAt} /></> }
      : null,
    { name: t("fact.firstError"), value: incident.firstError || "–" },
    incident.lastError !== incident.firstError ? { name: t("fact.lastError"), value: incident.lastError || "–" } : null,
  ];
  return facts.filter((fact) => fact !== null);
}
