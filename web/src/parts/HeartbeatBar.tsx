/** The last samples as a bar: hover, tap or use the arrow keys to read one. Grey is time of which nothing is known. */
import { Text } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import classes from "./HeartbeatBar.module.css";

export type BeatState = "up" | "down" | "partial" | "unknown" | "maintenance";

export interface Beat {
  readonly at: string;
  readonly state: BeatState;
  /** Said beside the time, such as a rate. */
  readonly detail?: string;
}

interface Props {
  /** Oldest first. */
  readonly beats: readonly Beat[];
  /** What it shows, for a screen reader. */
  readonly label: string;
  /** Without the line that reads a sample out: on cards and in tables. */
  readonly compact?: boolean;
}

export function HeartbeatBar({ beats, label, compact = false }: Props) {
  const { t } = useTranslation("words");
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const beat = chosen === null ? undefined : beats[chosen];
  const read = (one: Beat) => [format.dateTime(one.at), t(`beat.${one.state}`), one.detail].filter(Boolean).join(" · ");
  const up = beats.filter((one) => one.state === "up").length;
  const down = beats.filter((one) => one.state === "down" || one.state === "partial").length;

  function point(event: PointerEvent<HTMLDivElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * beats.length);
    setChosen(Math.min(Math.max(index, 0), beats.length - 1));
  }

  function step(event: KeyboardEvent) {
    const from = chosen ?? beats.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: chosen === null ? from : from + 1, Home: 0, End: beats.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(Math.min(Math.max(to, 0), beats.length - 1));
  }

  return (
    <div>
      <div
        className={classes.bar}
        data-compact={compact || undefined}
        role="slider"
        tabIndex={compact ? -1 : 0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(beats.length - 1, 0)}
        aria-valuenow={chosen ?? Math.max(beats.length - 1, 0)}
        aria-valuetext={beat ? read(beat) : t("beat.summary", { up, down, all: beats.length })}
        aria-readonly
        onPointerMove={compact ? undefined : point}
        onPointerLeave={() => setChosen(null)}
        onBlur={() => setChosen(null)}
        onKeyDown={compact ? undefined : step}
      >
        {beats.map((one, index) => (
          <span key={one.at} className={classes.beat} data-state={one.state} data-chosen={index === chosen || undefined} title={compact ? read(one) : undefined} />
        ))}
      </div>
      {compact ? null : (
        <Text fz="xs" c="dimmed" mt={6} mih={18} className="figures" aria-hidden>
          {beat ? read(beat) : t("beat.summary", { up, down, all: beats.length })}
        </Text>
      )}
    </div>
  );
}
