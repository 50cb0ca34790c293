/** What this instance runs. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError } from "~/api/api-error";
import { api, data } from "~/api/client";

export interface Instance {
  readonly version: string;
  readonly isReady: boolean;
  /** The kind of database; a dash while it is away. */
  readonly database: string;
}

export const instanceQuery = queryOptions({
  queryKey: ["instance"],
  queryFn: async ({ signal }): Promise<Instance> => {
    const { version } = await data(api.GET("/healthz", { signal }));
    try {
      const ready = await data(api.GET("/readyz", { signal }));
      return { version, isReady: true, database: ready.database };
    } catch (error) {
      // A 503 is the answer of an instance that is up but not ready.
      if (error instanceof ApiError && error.status === 503) return { version, isReady: false, database: "–" };
      throw error;
    }
  },
});
