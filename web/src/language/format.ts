/** Numbers, times and durations as the reader writes them. Pure; `useFormat` fills in language and time zone. */
import type { Language } from "./choice";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LOCALES: Record<Language, string> = { en: "en-GB", id: "id-ID" };

export interface Format {
  /** 1,234 or 1.234. */
  readonly number: (value: number, digits?: number) => string;
  /** Of 0–100, as the hub gives rates: 99.5 → "99.5 %". */
  readonly percent: (value: number, digits?: number) => string;
  /** Milliseconds: "320 ms", "1.4 s", "3 min", "2 h 5 min". */
  readonly duration: (milliseconds: number) => string;
  /** Date and time to the second, with the zone. */
  readonly exact: (at: string | number | Date) => string;
  /** Date and time to the minute, for tables. */
  readonly dateTime: (at: string | number | Date) => string;
  readonly date: (at: string | number | Date) => string;
  readonly time: (at: string | number | Date) => string;
  /** "2 minutes ago", "in 3 hours". */
  readonly relative: (at: string | number | Date, now: number) => string;
  /** 1.2 kB, 3 MB. */
  readonly bytes: (value: number) => string;
}

/** Formatters are costly to make, so one set is kept for each language and zone. */
const known = new Map<string, Format>();

export function formatFor(language: Language, timeZone: string): Format {
  const key = `${language} ${timeZone}`;
  const format = known.get(key) ?? make(LOCALES[language], timeZone, language);
  known.set(key, format);
  return format;
}

function make(locale: string, timeZone: string, language: Language): Format {
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "long", timeZone });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "long" });
  const number = (value: number, digits = 0) => value.toLocaleString(locale, { maximumFractionDigits: digits });
  return {
    number,
    percent: (value, digits = 2) => `${number(value, digits)} %`,
    duration: (milliseconds) => durationText(milliseconds, number, language),
    exact: (at) => exact.format(new Date(at)),
    dateTime: (at) => dateTime.format(new Date(at)),
    date: (at) => date.format(new Date(at)),
    time: (at) => time.format(new Date(at)),
    relative: (at, now) => relativeText(new Date(at).getTime() - now, relative),
    bytes: (value) => bytesText(value, number),
  };
}

function durationText(ms: number, number: Format["number"], language: Language): string {
  const [second, minute, hour, day] = language === "id" ? ["dtk", "mnt", "jam", "hari"] : ["s", "min", "h", "d"];
  if (ms < 1_000) return `${number(ms)} ms`;
  if (ms < MINUTE) return `${number(ms / 1_000, ms < 10_000 ? 1 : 0)} ${second}`;
  const pair = (whole: number, size: string, rest: number, part: string) =>
    rest > 0 ? `${number(whole)} ${size} ${rest} ${part}` : `${number(whole)} ${size}`;
  if (ms < HOUR) return pair(Math.floor(ms / MINUTE), minute!, Math.floor((ms % MINUTE) / 1_000), second!);
  if (ms < DAY) return pair(Math.floor(ms / HOUR), hour!, Math.floor((ms % HOUR) / MINUTE), minute!);
  return pair(Math.floor(ms / DAY), day!, Math.floor((ms % DAY) / HOUR), hour!);
}

function relativeText(difference: number, relative: Intl.RelativeTimeFormat): string {
  const size = Math.abs(difference);
  if (size < 45_000) return relative.format(size < 5_000 ? 0 : Math.round(difference / 1_000), "second");
  if (size < 45 * MINUTE) return relative.format(Math.round(difference / MINUTE), "minute");
  if (size < 22 * HOUR) return relative.format(Math.round(difference / HOUR), "hour");
  if (size < 60 * DAY) return relative.format(Math.round(difference / DAY), "day");
  return relative.format(Math.round(difference / (30.44 * DAY)), "month");
}

function bytesText(value: number, number: Format["number"]): string {
  if (value < 1_000) return `${number(value)} B`;
  if (value < 1_000_000) return `${number(value / 1_000, 1)} kB`;
  return `${number(value / 1_000_000, 1)} MB`;
}
