/** `/users` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/users",
  component: lazyRouteComponent(() => import("./UsersPage"), "UsersPage"),
});
