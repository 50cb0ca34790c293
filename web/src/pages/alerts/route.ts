/** `/alerts/channels`, `/alerts/rules`, `/alerts/log?view=alerts&state=failed&page=2` */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { oneOf, pageNumber } from "~/parts/search-parameters";
import { ALERT_STATES, DELIVERY_STATES } from "~/queries/alerts";
import { shellRoute } from "~/routes";

export interface LogSearch {
  /** Messages where absent. */
  readonly view?: "alerts" | undefined;
  readonly state?: (typeof DELIVERY_STATES)[number] | (typeof ALERT_STATES)[number] | undefined;
  readonly page?: number | undefined;
}

export function readLogSearch(search: Record<string, unknown>): LogSearch {
  const view = oneOf(search.view, ["alerts"] as const);
  return { view, state: view ? oneOf(search.state, ALERT_STATES) : oneOf(search.state, DELIVERY_STATES), page: pageNumber(search.page) };
}

export const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/alerts",
  component: lazyRouteComponent(() => import("./AlertsPage"), "AlertsPage"),
});

export const alertsIndexRoute = createRoute({
  getParentRoute: () => alertsRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/alerts/channels", replace: true });
  },
});

export const alertChannelsRoute = createRoute({
  getParentRoute: () => alertsRoute,
  path: "channels",
  component: lazyRouteComponent(() => import("./ChannelsTab"), "ChannelsTab"),
});

export const alertRulesRoute = createRoute({
  getParentRoute: () => alertsRoute,
  path: "rules",
  component: lazyRouteComponent(() => import("./RulesTab"), "RulesTab"),
});

export const alertLogRoute = createRoute({
  getParentRoute: () => alertsRoute,
  path: "log",
  validateSearch: readLogSearch,
  component: lazyRouteComponent(() => import("./LogTab"), "LogTab"),
});
