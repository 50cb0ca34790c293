/** The cache of what the hub answered: when to ask again, and what happens when the session has ended. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isPassing, isSignedOut } from "./api-error";

/** A query client that calls `onSignedOut` when any answer says that there is no session. */
export function newQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
        // The browser's own view of the network is wrong on a loopback address.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
