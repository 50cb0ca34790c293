/** `/api-keys?q=budi&page=2` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { pageNumber, words } from "~/parts/search-parameters";
import type { PeopleFilter } from "~/queries/people";
import { shellRoute } from "~/routes";

export const apiKeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/api-keys",
  validateSearch: (search: Record<string, unknown>): PeopleFilter => ({ q: words(search.q), page: pageNumber(search.page) }),
  component: lazyRouteComponent(() => import("./ApiKeysPage"), "ApiKeysPage"),
});
