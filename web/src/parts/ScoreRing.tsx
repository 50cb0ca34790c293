/** A health score of 0–100 as a ring with its figure; a dash where there is none. */
import { RingProgress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { HEALTH_LOOKS, type HealthStatus } from "./StatusBadge";

interface Props {
  readonly score: number | null | undefined;
  readonly status: HealthStatus;
  /** Pixels across; 56 on cards, 120 on the health page. */
  readonly size?: number;
}

export function ScoreRing({ score, status, size = 56 }: Props) {
  const { t } = useTranslation("words");
  const format = useFormat();
  const { tone } = HEALTH_LOOKS[status];
  const known = score !== null && score !== undefined;
  const text = known ? format.number(score, 1) : "–";
  return (
    <div role="img" aria-label={known ? t("score", { score: text }) : t("noScore")}>
      <RingProgress
        size={size}
        thickness={Math.max(4, Math.round(size / 14))}
        roundCaps
        rootColor="var(--line)"
        sections={known ? [{ value: score, color: `var(--tone-${tone}-solid)` }] : []}
        label={<Text ta="center" fw={650} fz={size > 80 ? size / 4.4 : size / 4} className="figures" aria-hidden>{text}</Text>}
      />
    </div>
  );
}
