/**
 * Server-sent events that stay connected: the browser resumes a broken connection by itself; where it gives up (an answer
 * that is no stream, such as 503), this opens a new one after a growing wait, from the last id that was seen.
 */
import { useEffect, useRef, useState } from "react";

export type StreamState = "connecting" | "live" | "interrupted";

/** Milliseconds before the first new attempt; doubled each time up to the longest. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

export interface StreamHandlers {
  /** By event name; what is not JSON is left out. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  readonly onState: (state: StreamState) => void;
}

/** Opens a stream. The returned function closes it. */
export function openStream(path: string, handlers: StreamHandlers, random: () => number = Math.random): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastEventId = "";
  let wait = FIRST_WAIT;

  function connect() {
    const url = new URL(path, location.origin);
    if (lastEventId) url.searchParams.set("lastEventId", lastEventId);
    const opened = new EventSource(url);
    source = opened;
    opened.onopen = () => {
      wait = FIRST_WAIT;
      handlers.onState("live");
    };
    opened.onerror = () => {
      handlers.onState("interrupted");
      if (opened.readyState !== EventSource.CLOSED) return;
      // Between half and the whole of the wait, so that many pages do not come back at once.
      timer = setTimeout(connect, wait * (0.5 + random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
    for (const [name, handle] of Object.entries(handlers.on)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId) lastEventId = event.lastEventId;
        const value = parsed(event.data);
        if (value !== undefined) handle(value);
      });
    }
  }

  handlers.onState("connecting");
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A stream for as long as the component is shown; `null` for none. Show the state with `LiveBadge`. */
export function useStream(path: string | null, on: StreamHandlers["on"]): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  const newest = useRef(on);
  newest.current = on;
  const names = Object.keys(on).join(" ");
  useEffect(() => {
    if (path === null) return;
    const entries = names.split(" ").map((name) => [name, (value: unknown) => newest.current[name]?.(value)] as const);
    return openStream(path, { on: Object.fromEntries(entries), onState: setState });
  }, [path, names]);
  return state;
}
