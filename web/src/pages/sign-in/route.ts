/** `/sign-in?next=/where/one/was`. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { rootRoute } from "~/routes";
import { sessionQuery } from "~/session/session";
import { safeNext } from "./next";

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = safeNext(search.next);
    return next === null ? {} : { next };
  },
  beforeLoad: async ({ context, search }) => {
    // A hub that cannot be reached says so once one tries to sign in.
    const caller = await context.queries.ensureQueryData(sessionQuery).catch(() => null);
    if (caller !== null) throw redirect({ href: search.next ?? "/" });
  },
  component: lazyRouteComponent(() => import("./SignInPage"), "SignInPage"),
});
