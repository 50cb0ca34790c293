/** `/integrations/:id/health?window=7d` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf } from "~/parts/search-parameters";
import { integrationRoute } from "../route";

export const WINDOWS = ["1h", "24h", "7d", "30d"] as const;
export type WindowWord = (typeof WINDOWS)[number];

export interface HealthSearch {
  /** 24 hours where absent. */
  readonly window?: WindowWord | undefined;
}

export function readHealthSearch(search: Record<string, unknown>): HealthSearch {
  const window = oneOf(search.window, WINDOWS);
  return { window: window === "24h" ? undefined : window };
}

export const healthRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "health",
  validateSearch: readHealthSearch,
  component: lazyRouteComponent(() => import("./HealthTab"), "HealthTab"),
});
