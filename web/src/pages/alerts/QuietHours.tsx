/** The hours in which a rule waits, unless it is critical. */
import { Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RuleValues } from "./rule-values";

interface Props {
  readonly values: RuleValues;
  readonly onChange: (part: Partial<RuleValues>) => void;
  readonly problems: Readonly<Record<string, string>>;
}

export function QuietHours({ values, onChange, problems }: Props) {
  const { t } = useTranslation("alerts");
  const zones = [...new Set([values.quietZone, "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", ...Intl.supportedValuesOf("timeZone")])];
  return (
    <Stack gap="sm">
      <Switch label={t("quiet.is")} description={t("quiet.help")} checked={values.isQuiet} onChange={(event) => onChange({ isQuiet: event.currentTarget.checked })} />
      {values.isQuiet ? (
        <>
          <SimpleGrid cols={{ base: 2, xs: 3 }}>
            <TextInput type="time" label={t("quiet.from")} value={values.quietFrom} onChange={(event) => onChange({ quietFrom: event.currentTarget.value })} error={problems["quietHours.from"]} />
            <TextInput type="time" label={t("quiet.to")} value={values.quietTo} onChange={(event) => onChange({ quietTo: event.currentTarget.value })} error={problems["quietHours.to"]} />
            <Select label={t("quiet.zone")} searchable allowDeselect={false} limit={80} data={zones} value={values.quietZone} onChange={(zone) => onChange({ quietZone: zone ?? values.quietZone })} error={problems["quietHours.timeZone"]} />
          </SimpleGrid>
          <Switch label={t("quiet.critical")} checked={values.allowCritical} onChange={(event) => onChange({ allowCritical: event.currentTarget.checked })} />
        </>
      ) : null}
    </Stack>
  );
}
