/** `/incidents?state=open&kind=webhook&severity=critical&partner=…&provider=midtrans&page=2`, `/incidents/:id` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, pageNumber, words } from "~/parts/search-parameters";
import { INCIDENT_KINDS, INCIDENT_STATES, type IncidentFilter, SEVERITIES } from "~/queries/incidents";
import { shellRoute } from "~/routes";

export interface IncidentsSearch extends Omit<IncidentFilter, "partnerId"> {
  readonly partner?: string | undefined;
}

export function readIncidentsSearch(search: Record<string, unknown>): IncidentsSearch {
  return {
    state: oneOf(search.state, INCIDENT_STATES),
    kind: oneOf(search.kind, INCIDENT_KINDS),
    severity: oneOf(search.severity, SEVERITIES),
    partner: words(search.partner),
    provider: words(search.provider),
    page: pageNumber(search.page),
  };
}

export const incidentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/incidents",
  validateSearch: readIncidentsSearch,
  component: lazyRouteComponent(() => import("./IncidentsPage"), "IncidentsPage"),
});

export const incidentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/incidents/$incidentId",
  component: lazyRouteComponent(() => import("./IncidentPage"), "IncidentPage"),
});
