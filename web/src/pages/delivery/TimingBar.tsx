/** Where an attempt's time went, as a bar with its words. */
import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { Attempt } from "~/queries/deliveries";
import { type Stretch, stretchesOf } from "./timing";

const COLOURS: Record<Stretch, string> = {
  dns: "var(--tone-unknown-solid)", connect: "var(--tone-information-solid)", tls: "var(--tone-warning-solid)", waiting: "var(--tone-healthy-solid)", reading: "var(--tone-degraded-solid)",
};

export function TimingBar({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation("deliveries");
  const format = useFormat();
  const stretches = stretchesOf(attempt);
  return (
    <div>
      <div aria-hidden style={{ display: "flex", gap: 1, height: 8, borderRadius: 4, overflow: "hidden", background: "var(--line)" }}>
        {stretches.map(({ stretch, ms }) => <div key={stretch} style={{ flexGrow: ms, minWidth: 3, background: COLOURS[stretch] }} />)}
      </div>
      <Group gap="4px 14px" mt={4}>
        {stretches.map(({ stretch, ms }) => (
          <Text key={stretch} fz="xs" c="dimmed" className="figures"><span aria-hidden style={{ display: "inline-block", width: 8, height: 8, borderRadius: 2, marginRight: 5, background: COLOURS[stretch] }} />{t(`stretch.${stretch}`)} {format.duration(ms)}</Text>
        ))}
        <Text fz="xs" fw={600} className="figures">{t("whole", { time: format.duration(attempt.duration) })}</Text>
      </Group>
    </div>
  );
}
