/** `/guide?partner=…&integration=…`: what is done stays done when the page is loaded again. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { words } from "~/parts/search-parameters";
import { shellRoute } from "~/routes";

export interface GuideSearch {
  partner?: string | undefined;
  integration?: string | undefined;
}

export const guideRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/guide",
  validateSearch: (search: Record<string, unknown>): GuideSearch => ({
    partner: words(search.partner),
    integration: words(search.integration),
  }),
  component: lazyRouteComponent(() => import("./GuidePage"), "GuidePage"),
});
