/** What a replay still has to do, and what may be asked of it. Pure. */
import type { Replay } from "~/queries/deliveries";

export const REPLAY_STATES = ["running", "paused", "cancelled", "completed"] as const;
export const REPLAY_STATUSES = ["failed", "success", "filtered", "dropped"] as const;

export type Order = "pause" | "resume" | "cancel";

/** In the order in which the buttons stand. */
export function ordersOf(state: string): readonly Order[] {
  if (state === "running") return ["pause", "cancel"];
  return state === "paused" ? ["resume", "cancel"] : [];
}

/** Milliseconds until it is done at its pace so far; `null` where that cannot be told yet. */
export function remaining(replay: Pick<Replay, "state" | "total" | "replayed" | "createdAt">, now: number): number | null {
  if (replay.state !== "running" || replay.replayed === 0) return null;
  const passed = now - new Date(replay.createdAt).getTime();
  return passed <= 0 ? null : (passed / replay.replayed) * Math.max(replay.total - replay.replayed, 0);
}
