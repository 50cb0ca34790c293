/** Reads what is pasted into the signature debugger, and shows where two bodies part. Pure. */

/** Header lines (`name: value`), or a JSON object of them, by name. Lines that are no header are left out. */
export function readHeaders(text: string): Record<string, string> {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    try {
      const value: unknown = JSON.parse(trimmed);
      if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toLowerCase(), String(one)]));
    } catch {
      // Not JSON after all: read as lines.
    }
  }
  const lines = trimmed.split(/\r?\n/).flatMap((line): [string, string][] => {
    // As curl writes them: "> webhook-id: …" or -H 'webhook-id: …'.
    const match = /^[\s>-]*(?:-?H\s+)?['"]?([\w-]+)\s*:\s*(.*?)['"]?\s*\\?$/.exec(line);
    return match?.[1] ? [[match[1].toLowerCase(), match[2] ?? ""]] : [];
  });
  return Object.fromEntries(lines);
}

export interface Parted {
  readonly before: string;
  readonly sent: string;
  readonly received: string;
  readonly after: string;
}

/** What two texts have in common at both ends, and what differs between. */
export function parted(sent: string, received: string): Parted {
  const a = [...sent];
  const b = [...received];
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shortest - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const part = (text: readonly string[]) => text.slice(start, text.length - end).join("");
  return { before: a.slice(0, start).join(""), sent: part(a), received: part(b), after: a.slice(a.length - end).join("") };
}

/** White space that differs is made visible. */
export function visible(text: string): string {
  return text.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll(" ", "·");
}
