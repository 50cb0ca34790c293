/** `/api-keys` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const apiKeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("./ApiKeysPage"), "ApiKeysPage"),
});
