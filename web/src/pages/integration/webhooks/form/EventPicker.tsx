/** Picks events by family or one by one; nothing picked means all. */
import { Checkbox, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { IntegrationType } from "~/parts/integration-types";
import { familiesOf, isChosen, isWhole, toggleEvent, toggleFamily } from "./event-choice";

interface Props {
  readonly type: IntegrationType;
  /** Names and `family.*` prefixes; empty for all. */
  readonly value: readonly string[];
  readonly onChange: (events: string[]) => void;
  readonly error?: string | undefined;
}

export function EventPicker({ type, value, onChange, error }: Props) {
  const { t } = useTranslation("webhooks");
  return (
    <Stack gap="xs" role="group" aria-label={t("form.events")}>
      <Checkbox label={t("allEvents")} description={t("form.allHelp")} checked={value.length === 0} onChange={() => onChange([])} />
      {familiesOf(type).map(({ family, events }) => (
        <div key={family}>
          <Checkbox label={<Text span fz="sm" fw={600}>{t(`family.${family}`)}</Text>} checked={isWhole(value, family)} indeterminate={!isWhole(value, family) && events.some((event) => value.includes(event))} onChange={() => onChange(toggleFamily(value, family))} />
          <Group gap="8px 18px" ml={30} mt={6}>
            {events.map((event) => <Checkbox key={event} size="xs" label={event} checked={isChosen(value, event)} onChange={() => onChange(toggleEvent(value, family, event))} />)}
          </Group>
        </div>
      ))}
      {error ? <Text fz="xs" c="var(--mantine-color-error)" role="alert" className="breaks">{error}</Text> : null}
    </Stack>
  );
}
