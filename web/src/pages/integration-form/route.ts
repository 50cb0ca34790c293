/** `/partners/:id/integrations/new?type=whatsapp&provider=fonnte&outlet=…` and `/integrations/:id/edit?back=guide` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import { oneOf, words } from "~/parts/search-parameters";
import { shellRoute } from "~/routes";

export interface NewIntegrationSearch {
  type?: IntegrationType | undefined;
  provider?: string | undefined;
  outlet?: string | undefined;
  /** The integration that was made: what is left to do is shown. */
  created?: string | undefined;
}

export const newIntegrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/partners/$partnerId/integrations/new",
  validateSearch: (search: Record<string, unknown>): NewIntegrationSearch => ({
    type: oneOf(search.type, INTEGRATION_TYPES),
    provider: words(search.provider),
    outlet: words(search.outlet),
    created: words(search.created),
  }),
  component: lazyRouteComponent(() => import("./NewIntegrationPage"), "NewIntegrationPage"),
});

/** Where to go on after it, unless to the partner. */
const BACK = ["guide"] as const;

export interface EditIntegrationSearch {
  back?: (typeof BACK)[number] | undefined;
}

export const editIntegrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/integrations/$integrationId/edit",
  validateSearch: (search: Record<string, unknown>): EditIntegrationSearch => ({ back: oneOf(search.back, BACK) }),
  component: lazyRouteComponent(() => import("./EditIntegrationPage"), "EditIntegrationPage"),
});
