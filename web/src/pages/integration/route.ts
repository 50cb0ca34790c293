/** `/integrations/:id/…`: the frame of the tabs, and the way to the first. Each tab's folder declares its own route below `integrationRoute`. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { integrationPath } from "~/parts/integration-paths";
import { shellRoute } from "~/routes";

export const integrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/integrations/$integrationId",
  component: lazyRouteComponent(() => import("./IntegrationPage"), "IntegrationPage"),
});

export const integrationIndexRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: integrationPath(params.integrationId), replace: true });
  },
});
