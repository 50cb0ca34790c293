/** Where an attempt's time went, as consecutive stretches. Pure. */
import type { Attempt } from "~/queries/deliveries";

export const STRETCHES = ["dns", "connect", "tls", "waiting", "reading"] as const;
export type Stretch = (typeof STRETCHES)[number];

/** Milliseconds of each stretch that took any; together they are the whole. `waiting` is from the open connection to the first byte. */
export function stretchesOf(attempt: Pick<Attempt, "duration" | "dnsDuration" | "connectDuration" | "tlsDuration" | "firstByteDuration">): { readonly stretch: Stretch; readonly ms: number }[] {
  const dns = attempt.dnsDuration ?? 0;
  const connect = attempt.connectDuration ?? 0;
  const tls = attempt.tlsDuration ?? 0;
  const opened = dns + connect + tls;
  const first = attempt.firstByteDuration ?? null;
  const waiting = Math.max((first ?? attempt.duration) - opened, 0);
  const reading = first === null ? 0 : Math.max(attempt.duration - Math.max(first, opened), 0);
  const all = { dns, connect, tls, waiting, reading };
  return STRETCHES.map((stretch) => ({ stretch, ms: all[stretch] })).filter(({ ms }) => ms > 0);
}

/** The headers by which a receiver checks where a delivery comes from. */
export function signatureOf(headers: Readonly<Record<string, unknown>>): string | null {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === "webhook-signature")?.[1];
  return typeof found === "string" ? found : null;
}
