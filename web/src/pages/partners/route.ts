/** `/partners?q=kopi&page=2` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { pageNumber, words } from "~/parts/search-parameters";
import { shellRoute } from "~/routes";

export interface PartnersSearch {
  q?: string | undefined;
  page?: number | undefined;
}

export const partnersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/partners",
  validateSearch: (search: Record<string, unknown>): PartnersSearch => ({ q: words(search.q), page: pageNumber(search.page) }),
  component: lazyRouteComponent(() => import("./PartnersPage"), "PartnersPage"),
});
