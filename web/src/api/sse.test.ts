/** A stream that breaks comes back, from where it was. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type StreamState, openStream } from "./sse";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: URL;

  constructor(url: URL) {
    super();
    this.url = url;
    FakeSource.opened.push(this);
  }

  close() {
    this.readyState = 2;
  }

  send(name: string, data: string, lastEventId = "") {
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId }));
  }

  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.();
  }
}

const states: StreamState[] = [];
const seen: unknown[] = [];
let close: () => void;

function source(at = -1): FakeSource {
  const found = FakeSource.opened.at(at);
  if (!found) throw new Error("no stream was opened");
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.opened = [];
  states.length = 0;
  seen.length = 0;
  close = openStream(
    "/api/admin/health/stream",
    { on: { health: (data) => seen.push(data) }, onState: (state) => states.push(state) },
    () => 1,
  );
});

afterEach(() => {
  close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("openStream", () => {
  it("hands on what it knows and can read", () => {
    source().onopen?.();
    source().send("health", '{"a":1}', "7");
    source().send("health", "no json");
    source().send("other", '{"b":2}');
    expect(seen).toEqual([{ a: 1 }]);
    expect(states).toEqual(["connecting", "live"]);
  });

  it("leaves a broken connection to the browser", () => {
    source().fail(0);
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.opened).toHaveLength(1);
    expect(states).toEqual(["connecting", "interrupted"]);
  });

  it("opens a refused stream again after growing waits, from the last id", () => {
    source().onopen?.();
    source().send("health", "{}", "1700000000000");
    source().fail(2);
    vi.advanceTimersByTime(999);
    expect(FakeSource.opened).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(source().url.search).toBe("?lastEventId=1700000000000");
    source().fail(2);
    vi.advanceTimersByTime(1_999);
    expect(FakeSource.opened).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(FakeSource.opened).toHaveLength(3);
    source().onopen?.();
    expect(states.at(-1)).toBe("live");
  });

  it("waits thirty seconds at the most", () => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      source().fail(2);
      vi.advanceTimersByTime(30_000);
    }
    expect(FakeSource.opened).toHaveLength(13);
  });

  it("stays closed once it is closed", () => {
    source().fail(2);
    close();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.opened).toHaveLength(1);
  });
});
