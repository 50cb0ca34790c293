/** The two routes that pages hang under: the root, and the shell for those who are signed in. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { sessionQuery } from "./session/session";

export interface RouterContext {
  readonly queries: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Everything but the sign-in page. Who is not signed in is led there, and back afterwards. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    const caller = await context.queries.ensureQueryData(sessionQuery);
    if (caller === null) throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
    return { caller };
  },
  component: lazyRouteComponent(() => import("./shell/Shell"), "Shell"),
});
