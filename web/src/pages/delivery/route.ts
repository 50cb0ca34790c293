/** `/deliveries/:id` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const deliveryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/deliveries/$deliveryId",
  component: lazyRouteComponent(() => import("./DeliveryPage"), "DeliveryPage"),
});
