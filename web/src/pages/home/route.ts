/** `/`: leads to the partners. */
import { createRoute, redirect } from "@tanstack/react-router";
import { shellRoute } from "~/routes";

export const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/partners" });
  },
});
