/** `/?q=kopi&partner=…&type=whatsapp&provider=fonnte&status=critical&status=degraded` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import { oneOf, severalOf, words } from "~/parts/search-parameters";
import type { OverviewFilter } from "~/queries/overview";
import { shellRoute } from "~/routes";
import { HEALTH_STATUSES } from "~/parts/health-statuses";

export interface OverviewSearch {
  q?: string | undefined;
  partner?: string | undefined;
  type?: IntegrationType | undefined;
  provider?: string | undefined;
  status?: (typeof HEALTH_STATUSES)[number][] | undefined;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SLUG = /^[a-z0-9_-]{1,60}$/;

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

export function readOverviewSearch(search: Record<string, unknown>): OverviewSearch {
  return {
    q: words(search.q),
    partner: matching(search.partner, ID),
    type: oneOf(search.type, INTEGRATION_TYPES),
    provider: matching(search.provider, SLUG),
    status: severalOf(search.status, HEALTH_STATUSES),
  };
}

/** What the hub is asked for. */
export function filterOf({ q, partner, type, provider, status }: OverviewSearch): OverviewFilter {
  return { q, partnerId: partner, integrationType: type, provider, healthStatus: status };
}

export function isFiltered(search: OverviewSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}

export const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  validateSearch: readOverviewSearch,
  component: lazyRouteComponent(() => import("./OverviewPage"), "OverviewPage"),
});
