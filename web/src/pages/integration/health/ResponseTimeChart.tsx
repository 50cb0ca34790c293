/** The drawn response times, loaded only where they are shown: three percentiles, gaps where nothing was measured, incidents shaded. */
import { CartesianGrid, Line, LineChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { type ChartRow, type Span, chartTicks } from "./health-figures";
import classes from "./health.module.css";
import { LINES, coloured } from "./lines";

const DAY = 86_400_000;

interface Props {
  readonly rows: readonly ChartRow[];
  readonly time: readonly [number, number];
  readonly spans: readonly Span[];
}

export default function ResponseTimeChart({ rows, time: [from, to], spans }: Props) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const byAt = new Map(rows.map((row) => [row.at, row]));
  const ticks = chartTicks(from, to);
  const tick = { fill: "var(--mantine-color-dimmed)", fontSize: 11 };
  // Over more than two days the date says more than the hour.
  const when = (at: number) => (to - from > 2 * DAY ? format.date(at) : format.time(at).slice(0, 5));
  const tip = (label: unknown) => {
    const row = typeof label === "number" ? byAt.get(label) : undefined;
    if (!row) return null;
    return (
      <div className={classes.tip}>
        <strong>{format.dateTime(row.at)}</strong>
        {LINES.map(({ name, colour }) => {
          const value = row[name];
          return value === null ? null : <div key={name} className={classes.line} data-dash={name} style={{ ...coloured(colour), display: "flex" }}>{t(`times.${name}`)}: {format.duration(value)}</div>;
        })}
      </div>
    );
  };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={[...rows]} margin={{ top: 12, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        {spans.map((span) => <ReferenceArea key={span.id} x1={span.from} x2={span.to} fill={span.severity === "critical" ? "var(--tone-critical-solid)" : "var(--tone-warning-solid)"} fillOpacity={0.2} ifOverflow="hidden" />)}
        <XAxis dataKey="at" type="number" scale="time" domain={[from, to]} ticks={ticks} tickFormatter={when} tick={tick} stroke="var(--line)" tickLine={false} minTickGap={24} />
        <YAxis width={58} tickFormatter={(value: number) => format.duration(value).replaceAll(" ", "\u00a0")} tick={tick} stroke="var(--line)" tickLine={false} axisLine={false} />
        <Tooltip isAnimationActive={false} content={({ active, label }) => (active ? tip(label) : null)} cursor={{ stroke: "var(--mantine-color-dimmed)", strokeDasharray: "3 3" }} />
        {LINES.map(({ name, colour, dash }) => (
          <Line key={name} dataKey={name} type="linear" stroke={colour} strokeWidth={2} strokeDasharray={dash} dot={{ r: 2.5, fill: colour, strokeWidth: 0, strokeDasharray: "" }} activeDot={{ r: 4 }} isAnimationActive={false} />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
