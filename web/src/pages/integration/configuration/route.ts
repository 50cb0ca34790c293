/** `/integrations/:id/configuration` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { integrationRoute } from "../route";

export const configurationRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "configuration",
  component: lazyRouteComponent(() => import("./ConfigurationTab"), "ConfigurationTab"),
});
