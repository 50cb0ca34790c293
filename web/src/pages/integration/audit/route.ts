/** `/integrations/:id/audit?log=…` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { words } from "~/parts/search-parameters";
import { integrationRoute } from "../route";

export const auditRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "audit",
  validateSearch: (search: Record<string, unknown>): { log?: string | undefined } => ({ log: words(search.log) }),
  component: lazyRouteComponent(() => import("./AuditTab"), "AuditTab"),
});
