/** The lines of the response-time chart: told apart by colour and by their strokes. */
import type { CSSProperties } from "react";

export const LINES = [
  { name: "p50", colour: "var(--tone-healthy-solid)", dash: undefined },
  { name: "p95", colour: "var(--tone-information-solid)", dash: "6 3" },
  { name: "p99", colour: "var(--tone-degraded-solid)", dash: "2 3" },
] as const;

/** Gives `health.module.css` the colour of a line or an edge. */
export function coloured(colour: string): CSSProperties {
  return { ["--colour" as string]: colour };
}
