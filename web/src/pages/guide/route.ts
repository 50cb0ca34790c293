/** `/guide` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const guideRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/guide",
  component: lazyRouteComponent(() => import("./GuidePage"), "GuidePage"),
});
