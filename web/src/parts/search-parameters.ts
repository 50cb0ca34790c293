/**
 * Filters in the address: `?q=kopi&status=failed&status=pending&page=2`. Reading is forgiving: what is not understood is
 * left out, so an old or mistyped link still opens.
 */

export type SearchParameters = Record<string, string | string[]>;

/** For the router: repeated names become lists. */
export function parseSearch(text: string): SearchParameters {
  const parsed: SearchParameters = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = parsed[name];
    parsed[name] = before === undefined ? value : [before, value].flat();
  }
  return parsed;
}

/** For the router: absent and empty values leave no trace. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === "string" || typeof one === "number" || typeof one === "boolean") {
        if (one !== "") parameters.append(name, String(one));
      }
    }
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** A text to look for; at most what the hub takes. */
export function words(value: unknown): string | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, 200) : "";
  return text === "" ? undefined : text;
}

/** One of a closed list. */
export function oneOf<Word extends string>(value: unknown, known: readonly Word[]): Word | undefined {
  return known.find((word) => word === value);
}

/** Several of a closed list, in the list's order. */
export function severalOf<Word extends string>(value: unknown, known: readonly Word[]): Word[] | undefined {
  const given = [value].flat();
  const found = known.filter((word) => given.includes(word));
  return found.length > 0 ? found : undefined;
}

/** A page after the first; the first needs no parameter. */
export function pageNumber(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 1 && number <= 1_000_000 ? number : undefined;
}

/** `true` or `false`. */
export function yesOrNo(value: unknown): boolean | undefined {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return undefined;
}

/** A time that the hub takes: RFC 3339 or a date. */
export function moment(value: unknown): string | undefined {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
