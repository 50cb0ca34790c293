/** Where the score went since the day before: an arrow and the points. */
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { IconArrowDown, IconArrowUp, IconMinus } from "~/parts/icons";
import type { HealthSummary } from "~/queries/overview";
import classes from "./overview.module.css";

const LOOKS = {
  up: { icon: IconArrowUp, colour: "var(--tone-healthy-text)" },
  down: { icon: IconArrowDown, colour: "var(--tone-critical-text)" },
  steady: { icon: IconMinus, colour: "var(--mantine-color-dimmed)" },
} as const;

export function TrendMark({ row: { trend, healthScore, previousScore } }: { row: HealthSummary }) {
  const { t } = useTranslation("overview");
  const format = useFormat();
  if (trend !== "up" && trend !== "down" && trend !== "steady")
    return <span title={t("trends.none")}>–</span>;
  const { icon: Icon, colour } = LOOKS[trend];
  const points = format.number(Math.abs((healthScore ?? 0) - (previousScore ?? 0)), 1);
  const said = t(`trends.${trend}`, { points });
  return (
    <span className={classes.trend} style={{ color: colour }} title={said}>
      <Icon size={16} stroke={2} aria-hidden />
      <span className="figures" aria-hidden>
        {trend === "steady" ? "" : points}
      </span>
      <span className="spoken">{said}</span>
    </span>
  );
}
