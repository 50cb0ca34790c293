/** `/partners/:id?type=whatsapp` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import { oneOf } from "~/parts/search-parameters";
import { shellRoute } from "~/routes";

export interface PartnerSearch {
  type?: IntegrationType | undefined;
}

export const partnerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/partners/$partnerId",
  validateSearch: (search: Record<string, unknown>): PartnerSearch => ({ type: oneOf(search.type, INTEGRATION_TYPES) }),
  component: lazyRouteComponent(() => import("./PartnerPage"), "PartnerPage"),
});
