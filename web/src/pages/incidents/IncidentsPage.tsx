/** All trouble that the reader may see: what is open first, then what is over; filters live in the address. */
import { Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { EmptyState } from "~/parts/EmptyState";
import { FilterChips } from "~/parts/FilterChips";
import { Loaded } from "~/parts/Loaded";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { Pager } from "~/parts/Pager";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { ProviderSelect } from "~/parts/ProviderName";
import { IconHealthy, IconIncident } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import { INCIDENT_KINDS, INCIDENT_STATES, SEVERITIES, incidentsQuery } from "~/queries/incidents";
import { useCaller } from "~/session/session";
import { IncidentTable } from "./IncidentTable";
import { type IncidentsSearch, incidentsRoute } from "./route";
import { useSentenceLanguage } from "./words";

const EVERY = 20_000;

export function IncidentsPage() {
  const { t } = useTranslation("incidents");
  const search = incidentsRoute.useSearch();
  const navigate = useNavigate({ from: "/incidents" });
  const show = (next: IncidentsSearch) => void navigate({ search: next, replace: true });
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <Filters search={search} onChange={(part) => show({ ...search, ...part, page: undefined })} />
      {search.state === undefined ? <Both search={search} onShow={show} /> : <One search={search} onShow={show} />}
    </>
  );
}

interface Part {
  readonly search: IncidentsSearch;
  readonly onShow: (search: IncidentsSearch) => void;
}

function useIncidents(search: IncidentsSearch, limit?: number) {
  const { partner, ...rest } = search;
  return useQuery({ ...incidentsQuery({ ...rest, partnerId: partner }, useSentenceLanguage(), limit), refetchInterval: EVERY });
}

function isNarrowed({ kind, severity, partner, provider }: IncidentsSearch): boolean {
  return [kind, severity, partner, provider].some((value) => value !== undefined);
}

/** What is open, whole; below it what is over, by pages. */
function Both({ search, onShow }: Part) {
  const { t } = useTranslation("incidents");
  const format = useFormat();
  const open = useIncidents({ ...search, state: "open", page: undefined }, 100);
  const closed = useIncidents({ ...search, state: "closed" });
  if (open.data?.data.length === 0 && closed.data?.data.length === 0) return <Nothing search={search} onShow={onShow} />;
  return (
    <Stack gap="xl">
      <section aria-labelledby="open">
        <Title order={2} id="open" mb="sm">{t("openNow")}</Title>
        <Loaded query={open} skeleton={<RowsSkeleton rows={3} height={72} />}>
          {({ data: incidents, pagination }) => incidents.length === 0
            ? <Group gap="xs" wrap="nowrap" align="flex-start" c="var(--tone-healthy-text)"><IconHealthy size={18} aria-hidden style={{ flex: "none", marginTop: 2 }} /><Text fz="sm">{t(isNarrowed(search) ? "noneOpenHere" : "noneOpen")}</Text></Group>
            : (
              <>
                <IncidentTable label={t("openNow")} incidents={incidents} total={pagination.total} />
                {pagination.total > incidents.length ? <Button mt="sm" variant="default" onClick={() => onShow({ ...search, state: "open", page: undefined })}>{t("allOpen", { number: format.number(pagination.total) })}</Button> : null}
              </>
            )}
        </Loaded>
      </section>
      <section aria-labelledby="closed">
        <Title order={2} id="closed" mb="sm">{t("over")}</Title>
        <Loaded query={closed} skeleton={<RowsSkeleton rows={5} height={72} />}>
          {({ data: incidents, pagination }) => incidents.length === 0
            ? <Text fz="sm" c="dimmed">{t("noneOver")}</Text>
            : (
              <>
                <IncidentTable label={t("over")} incidents={incidents} total={pagination.total} />
                <Pager pagination={pagination} onPage={(page) => onShow({ ...search, page })} />
              </>
            )}
        </Loaded>
      </section>
    </Stack>
  );
}

/** One state alone. */
function One({ search, onShow }: Part) {
  const { t } = useTranslation("incidents");
  const query = useIncidents(search);
  return (
    <Loaded query={query} skeleton={<RowsSkeleton rows={6} height={72} />}>
      {({ data: incidents, pagination }) => incidents.length === 0 ? <Nothing search={search} onShow={onShow} /> : (
        <>
          <IncidentTable label={t("title")} incidents={incidents} total={pagination.total} />
          <Pager pagination={pagination} onPage={(page) => onShow({ ...search, page })} />
        </>
      )}
    </Loaded>
  );
}

function Nothing({ search, onShow }: Part) {
  const { t } = useTranslation("incidents");
  if (!isNarrowed(search) && search.state === undefined) return <EmptyState icon={IconHealthy} title={t("empty.title")}>{t("empty.text")}</EmptyState>;
  return (
    <EmptyState icon={IconIncident} title={t("nothing.title")} action={<Button variant="default" onClick={() => onShow({})}>{t("nothing.clear")}</Button>}>
      {t("nothing.text")}
    </EmptyState>
  );
}

function Filters({ search, onChange }: { search: IncidentsSearch; onChange: (part: IncidentsSearch) => void }) {
  const { t } = useTranslation(["incidents", "common"]);
  const { partnerId } = useCaller();
  const clear = { clearButtonProps: { "aria-label": t("common:clear") }, clearable: true };
  return (
    <Stack gap="sm" mb="lg">
      <Group gap="sm">
        <FilterChips single label={t("columns.state")} chips={INCIDENT_STATES.map((value) => ({ value, label: t(`state.${value}`) }))} chosen={search.state && [search.state]} onChange={(chosen) => onChange({ state: chosen?.[0] })} />
        <FilterChips single label={t("columns.severity")} chips={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`), tone: value }))} chosen={search.severity && [search.severity]} onChange={(chosen) => onChange({ severity: chosen?.[0] })} />
      </Group>
      <Group gap="sm">
        <Select aria-label={t("byKind")} placeholder={t("byKind")} w={{ base: "100%", xs: 200 }} data={INCIDENT_KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} value={search.kind ?? null} onChange={(value) => onChange({ kind: oneOf(value, INCIDENT_KINDS) })} {...clear} />
        {partnerId === null ? <PartnerSelect aria-label={t("byPartner")} placeholder={t("byPartner")} w={{ base: "100%", xs: 220 }} value={search.partner ?? null} onChange={(id) => onChange({ partner: id ?? undefined })} /> : null}
        <ProviderSelect aria-label={t("byProvider")} placeholder={t("byProvider")} w={{ base: "100%", xs: 200 }} value={search.provider ?? null} onChange={(slug) => onChange({ provider: slug ?? undefined })} />
      </Group>
    </Stack>
  );
}
