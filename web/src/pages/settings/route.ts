/** `/settings` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
});
