/** A long overview: all of it is read by itself, and without the stream its worst rows are still asked for every half minute. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "~/api/client";
import type { HealthSummary } from "~/queries/overview";
import { useOverview } from "./use-overview";

const ROWS = 11_000;
/** Rows that are read without anybody scrolling. */
const READ = 10_000;

let sources: BrokenSource[] = [];

/** A stream that never opens; the browser goes on trying. */
class BrokenSource {
  static readonly CLOSED = 2;
  readonly readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    sources.push(this);
  }
  addEventListener() {}
  close() {}
}

const row = (index: number, healthStatus: HealthSummary["healthStatus"]): HealthSummary => ({
  integrationId: String(index).padStart(5, "0"), partnerId: "p", partnerName: "Kopi Senja", integrationType: "payment_gateway", provider: "midtrans", displayName: "Midtrans",
  isActive: true, testMode: true, healthStatus, healthScore: 99, provisional: false, totalRequests: 9, successCount: 9, connectionStatus: "healthy",
  deliveriesStatus: "healthy", paused: false, facts: [], changedAt: "2026-02-21T10:00:00.000Z",
});

let rows: HealthSummary[];
/** The pages that were asked for whole, in order. */
let asked: number[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", BrokenSource);
  sources = [];
  asked = [];
  rows = Array.from({ length: ROWS }, (_, index) => row(index, "healthy"));
  vi.spyOn(api, "GET").mockImplementation((async (_path: string, init: { params: { query: { page?: number; limit: number } } }) => {
    const { page = 1, limit } = init.params.query;
    if (limit > 1) asked.push(page);
    const data = rows.slice((page - 1) * limit, page * limit);
    const pagination = { total: ROWS, page, limit, totalPages: Math.ceil(ROWS / limit) };
    return { data: { success: true, data, stats: [], providers: [], pagination }, response: new Response() };
  }) as unknown as typeof api.GET);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const after = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

function shown() {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  return renderHook(() => useOverview({}), { wrapper }).result;
}

it("reads page after page by itself, each once, and past ten thousand rows waits for the scroll", async () => {
  const result = shown();
  await after(8_000);
  expect(result.current.rows).toHaveLength(READ);
  expect(asked.filter((page) => page > 1)).toEqual(Array.from({ length: 19 }, (_, index) => index + 2));
  act(() => result.current.more());
  await after(1_000);
  expect(result.current.rows).toHaveLength(READ + 500);
});

it("without the stream shows what got worse within half a minute, and asks for the first page alone", async () => {
  const result = shown();
  await after(8_000);
  act(() => sources.forEach((source) => source.onerror?.()));
  expect(result.current.stream).toBe("interrupted");
  asked = [];
  rows = [row(1_100, "critical"), ...rows.filter((one) => one.integrationId !== "01100")];
  await after(31_000);
  expect(result.current.rows[0]).toMatchObject({ integrationId: "01100", healthStatus: "critical" });
  expect(result.current.rows).toHaveLength(READ);
  expect(new Set(asked)).toEqual(new Set([1]));
});
