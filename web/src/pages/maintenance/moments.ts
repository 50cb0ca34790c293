/** A date and time as a person types it, in the zone that the page shows, and the moment that this is. */

/** "2026-11-26T22:00" in `zone`, as RFC 3339; `null` for what is no time. */
export function instantOf(typed: string, zone: string): string | null {
  const asUtc = Date.parse(`${typed}Z`);
  if (typed === "" || Number.isNaN(asUtc)) return null;
  // Twice, since the offset at the first guess may be that of the other side of a change of clocks.
  const first = asUtc - offset(asUtc, zone);
  return new Date(asUtc - offset(first, zone)).toISOString();
}

/** What a field shows for this moment, to the minute. */
export function typedOf(moment: number, zone: string): string {
  return new Date(moment + offset(moment, zone)).toISOString().slice(0, 16);
}

/** How far the zone's clocks are ahead of UTC then, in milliseconds. */
function offset(moment: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const shown = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
  return shown - Math.floor(moment / 1_000) * 1_000;
}
