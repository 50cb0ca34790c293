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

export function HeartbeatBar(props: Props) {
  return props.compact ? <Strip {...props} /> : <Readable {...props} />;
}

const COLOURS: Record<BeatState, string> = {
  up: "var(--tone-healthy-solid)",
  down: "var(--tone-critical-solid)",
  partial: "var(--tone-warning-solid)",
  unknown: "var(--tone-unknown-solid)",
  maintenance: "var(--tone-information-solid)",
};

/** One element however many samples, since tables show many strips at once. Samples that are alike run together. */
function Strip({ beats, label }: Props) {
  const { t } = useTranslation("words");
  const stops = beats.map((one, index) => `${COLOURS[one.state]} ${(index / beats.length) * 100}% ${((index + 1) / beats.length) * 100}%`);
  const said = `${label}: ${t("beat.summary", counts(beats))}`;
  return (
    <div
      className={classes.strip}
      role="img"
      aria-label={said}
      title={said}
      style={{ backgroundImage: `linear-gradient(to right, ${stops.join(", ")})` }}
    />
  );
}

function counts(beats: readonly Beat[]): { up: number; down: number; all: number } {
  const up = beats.filter((one) => one.state === "up").length;
  const down = beats.filter((one) => one.state === "down" || one.state === "partial").length;
  return { up, down, all: beats.length };
}

function Readable({ beats, label }: Props) {
  const { t } = useTranslation("words");
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const beat = chosen === null ? undefined : beats[chosen];
  const read = (one: Beat) => [format.dateTime(one.at), t(`beat.${one.state}`), one.detail].filter(Boolean).join(" · ");
  const summary = t("beat.summary", counts(beats));

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
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(beats.length - 1, 0)}
        aria-valuenow={chosen ?? Math.max(beats.length - 1, 0)}
        aria-valuetext={beat ? read(beat) : summary}
        aria-readonly
        onPointerMove={point}
        onPointerLeave={() => setChosen(null)}
        onBlur={() => setChosen(null)}
        onKeyDown={step}
      >
        {beats.map((one, index) => (
          <span key={one.at} className={classes.beat} data-state={one.state} data-chosen={index === chosen || undefined} />
        ))}
      </div>
      <Text fz="xs" c="dimmed" mt={6} mih={18} className="figures" aria-hidden>
        {beat ? read(beat) : summary}
      </Text>
    </div>
  );
}
