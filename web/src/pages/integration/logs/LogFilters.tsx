/** Chips with counts, words, days and kind of error: what the log is narrowed by. */
import { Group, Select, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Chip, FilterChips } from "~/parts/FilterChips";
import { SearchField } from "~/parts/SearchField";
import { oneOf } from "~/parts/search-parameters";
import type { LogFilter, LogStat } from "~/queries/logs";
import type { Tone } from "~/theme";
import { countsBy, dayOf } from "./log-rows";
import { ERROR_TYPES, LOG_ACTIONS, LOG_STATUSES } from "./log-words";

interface Props {
  readonly filter: LogFilter;
  readonly stats: readonly LogStat[];
  readonly onChange: (filter: LogFilter) => void;
}

const TONES: Record<(typeof LOG_STATUSES)[number], Tone> = { success: "healthy", failed: "critical", pending: "information" };

export function LogFilters({ filter, stats, onChange }: Props) {
  const { t } = useTranslation(["logs", "words"]);
  const byStatus = countsBy(stats, "status");
  const byAction = countsBy(stats, "action");
  // What a chosen chip leaves out is not counted, so it shows no number rather than a wrong nought.
  const count = (counts: Readonly<Record<string, number>>, value: string, chosen: readonly string[] | undefined) =>
    chosen === undefined || chosen.includes(value) ? { count: counts[value] ?? 0 } : {};
  const statuses: Chip<(typeof LOG_STATUSES)[number]>[] = LOG_STATUSES.map((value) => ({ value, label: t(`words:outcome.${value}`), tone: TONES[value], ...count(byStatus, value, filter.status) }));
  const actions: Chip<(typeof LOG_ACTIONS)[number]>[] = LOG_ACTIONS.map((value) => ({ value, label: t(`logs:actions.${value}`), ...count(byAction, value, filter.action) }));
  const errors = ERROR_TYPES.map((value) => ({ value, label: t(`logs:errorType.${value}`) }));
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <FilterChips label={t("byStatus")} chips={statuses} chosen={filter.status} onChange={(status) => onChange({ ...filter, status })} />
        <FilterChips label={t("byAction")} chips={actions} chosen={filter.action} onChange={(action) => onChange({ ...filter, action })} />
      </Group>
      <Group gap="sm" align="flex-end">
        <SearchField label={t("search")} value={filter.q} onSearch={(q) => onChange({ ...filter, q })} w={{ base: "100%", xs: 240 }} />
        <Select aria-label={t("byError")} placeholder={t("byError")} data={errors} value={filter.errorType ?? null} onChange={(value) => onChange({ ...filter, errorType: oneOf(value, ERROR_TYPES) })} clearable searchable w={{ base: "100%", xs: 230 }} />
        <Group gap="xs" wrap="nowrap">
          <Day label={t("from")} value={filter.startDate} onChange={(startDate) => onChange({ ...filter, startDate })} />
          <Day label={t("to")} value={filter.endDate} onChange={(endDate) => onChange({ ...filter, endDate })} />
        </Group>
      </Group>
    </Stack>
  );
}

function Day({ label, value, onChange }: { label: string; value: string | undefined; onChange: (day: string | undefined) => void }) {
  return <TextInput type="date" aria-label={label} title={label} w={150} value={dayOf(value)} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
}
