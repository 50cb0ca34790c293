/** The health of all of a partner's cards: one request, then the stream of changes, and asked again where that is interrupted. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useStream } from "~/api/sse";
import { readHealth } from "~/parts/health-events";
import { type HealthSummary, partnerHealthQuery } from "~/queries/overview";

/** By an integration's id: `undefined` while it is on its way, `null` where there is none. */
export function useCardHealth(partnerId: string): (id: string) => HealthSummary | null | undefined {
  const queries = useQueryClient();
  const asked = partnerHealthQuery(partnerId);
  useStream("/api/admin/health/stream", {
    health: (event) => {
      const row = readHealth(event);
      if (row?.partnerId === partnerId) queries.setQueryData(asked.queryKey, (known) => known && { ...known, [row.integrationId]: row });
    },
  });
  const { data, isError } = useQuery({ ...asked, refetchInterval: 20_000 });
  return (id) => (data ? (data[id] ?? null) : isError ? null : undefined);
}
