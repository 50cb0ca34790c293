/** The address that a provider notifies. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "~/api/client";
import { integrationQuery } from "./integrations";

/** The old address is refused from then on. */
export function useRotateInbound(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/integrations/{id}/rotate-inbound-token", { params: { path: { id } } })),
    onSuccess: (integration) => {
      queries.setQueryData(integrationQuery(id).queryKey, integration);
      return queries.invalidateQueries({ queryKey: ["logs", id] });
    },
  });
}
