/** Words, partner, type and provider to narrow the overview by, and chips with how many stand in which band. */
import { Group, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Chip, FilterChips } from "~/parts/FilterChips";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { SearchField } from "~/parts/SearchField";
import { HEALTH_LOOKS } from "~/parts/StatusBadge";
import { INTEGRATION_TYPES } from "~/parts/integration-types";
import { oneOf } from "~/parts/search-parameters";
import { providersQuery } from "~/queries/integrations";
import type { HealthOverview } from "~/queries/overview";
import { useCaller } from "~/session/session";
import { HEALTH_STATUSES } from "~/parts/health-statuses";
import type { OverviewSearch } from "./route";

interface Props {
  readonly search: OverviewSearch;
  readonly stats: HealthOverview["stats"] | undefined;
  readonly onChange: (search: OverviewSearch) => void;
}

const WIDTH = { base: "calc(50% - 6px)", sm: 180 };

export function OverviewFilters({ search, stats, onChange }: Props) {
  const { t } = useTranslation(["overview", "words", "common"]);
  const { partnerId } = useCaller();
  const providers = useQuery(providersQuery);
  const chips: Chip<(typeof HEALTH_STATUSES)[number]>[] = HEALTH_STATUSES.map((value) => {
    const count = stats?.find((one) => one.healthStatus === value)?.count;
    return { value, label: t(`words:health.${value}`), tone: HEALTH_LOOKS[value].tone, ...(count === undefined ? {} : { count }) };
  });
  const shownProviders = (providers.data ?? []).filter((one) => search.type === undefined || one.integrationType === search.type);
  const clear = { "aria-label": t("common:clear") };
  return (
    <Stack gap="sm">
      <Group gap={12}>
        <SearchField label={t("search")} value={search.q} onSearch={(q) => onChange({ ...search, q })} w={{ base: "100%", sm: 340 }} />
        {partnerId ? null : (
          <PartnerSelect
            aria-label={t("byPartner")}
            placeholder={t("byPartner")}
            value={search.partner ?? null}
            onChange={(id) => onChange({ ...search, partner: id ?? undefined })}
            w={{ base: "100%", sm: 200 }}
          />
        )}
        <Select
          aria-label={t("byType")}
          placeholder={t("byType")}
          data={INTEGRATION_TYPES.map((value) => ({ value, label: t(`words:type.${value}`) }))}
          value={search.type ?? null}
          // A provider has one type: another leaves nothing to show.
          onChange={(value) => onChange({ ...search, type: oneOf(value, INTEGRATION_TYPES), provider: undefined })}
          clearable
          clearButtonProps={clear}
          w={WIDTH}
        />
        <Select
          aria-label={t("byProvider")}
          placeholder={t("byProvider")}
          data={shownProviders.map((one) => ({ value: one.slug, label: one.label }))}
          value={search.provider ?? null}
          onChange={(value) => onChange({ ...search, provider: value ?? undefined })}
          clearable
          searchable
          clearButtonProps={clear}
          nothingFoundMessage={t("common:noneFound")}
          w={WIDTH}
        />
      </Group>
      <FilterChips label={t("byStatus")} chips={chips} chosen={search.status} onChange={(status) => onChange({ ...search, status })} />
    </Stack>
  );
}
