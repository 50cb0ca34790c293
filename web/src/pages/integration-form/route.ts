/** `/partners/:id/integrations/new?type=whatsapp&provider=fonnte&outlet=…` and `/integrations/:id/edit` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import { oneOf, words } from "~/parts/search-parameters";
import { shellRoute } from "~/routes";

export interface NewIntegrationSearch {
  type?: IntegrationType | undefined;
  provider?: string | undefined;
  outlet?: string | undefined;
}

export const newIntegrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/partners/$partnerId/integrations/new",
  validateSearch: (search: Record<string, unknown>): NewIntegrationSearch => ({
    type: oneOf(search.type, INTEGRATION_TYPES),
    provider: words(search.provider),
    outlet: words(search.outlet),
  }),
  component: lazyRouteComponent(() => import("./NewIntegrationPage"), "NewIntegrationPage"),
});

export const editIntegrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/integrations/$integrationId/edit",
  component: lazyRouteComponent(() => import("./EditIntegrationPage"), "EditIntegrationPage"),
});
