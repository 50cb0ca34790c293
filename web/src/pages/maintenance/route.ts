/** `/maintenance?state=over&page=2` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, pageNumber } from "~/parts/search-parameters";
import { MAINTENANCE_STATES, type MaintenanceFilter } from "~/queries/maintenance";
import { shellRoute } from "~/routes";

export const maintenanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/maintenance",
  validateSearch: (search: Record<string, unknown>): MaintenanceFilter => ({ state: oneOf(search.state, MAINTENANCE_STATES), page: pageNumber(search.page) }),
  component: lazyRouteComponent(() => import("./MaintenancePage"), "MaintenancePage"),
});
