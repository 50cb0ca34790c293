/** `/partners/$partnerId` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const partnerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/partners/$partnerId",
  component: lazyRouteComponent(() => import("./PartnerPage"), "PartnerPage"),
});
