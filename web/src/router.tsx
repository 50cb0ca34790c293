/**
 * Every address of the dashboard. A page folder declares its own routes in `route.ts`, loaded when they are visited; here
 * each has one line.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { alertChannelsRoute, alertLogRoute, alertRulesRoute, alertsIndexRoute, alertsRoute } from "./pages/alerts/route";
import { apiKeysRoute } from "./pages/api-keys/route";
import { deliveryRoute } from "./pages/delivery/route";
import { guideRoute } from "./pages/guide/route";
import { auditRoute } from "./pages/integration/audit/route";
import { configurationRoute } from "./pages/integration/configuration/route";
import { eventRoute, eventsRoute, notificationsRoute } from "./pages/integration/events/route";
import { healthRoute } from "./pages/integration/health/route";
import { logsRoute } from "./pages/integration/logs/route";
import { incidentRoute, incidentsRoute } from "./pages/incidents/route";
import { integrationIndexRoute, integrationRoute } from "./pages/integration/route";
import { editWebhookRoute, newWebhookRoute, webhookRoute, webhooksRoute } from "./pages/integration/webhooks/route";
import { editIntegrationRoute, newIntegrationRoute } from "./pages/integration-form/route";
import { maintenanceRoute } from "./pages/maintenance/route";
import { overviewRoute } from "./pages/overview/route";
import { partnerRoute } from "./pages/partner/route";
import { partnersRoute } from "./pages/partners/route";
import { nowhereRoute } from "./pages/nowhere/route";
import { settingsRoute } from "./pages/settings/route";
import { signInRoute } from "./pages/sign-in/route";
import { usersRoute } from "./pages/users/route";
import { NotFound } from "./parts/NotFound";
import { PageError } from "./parts/PageError";
import { PageSkeleton } from "./parts/PageSkeleton";
import { parseSearch, stringifySearch } from "./parts/search-parameters";
import { rootRoute, shellRoute } from "./routes";

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    overviewRoute,
    partnersRoute,
    partnerRoute,
    newIntegrationRoute,
    editIntegrationRoute,
    integrationRoute.addChildren([
      integrationIndexRoute,
      healthRoute,
      logsRoute,
      webhooksRoute,
      newWebhookRoute,
      webhookRoute,
      editWebhookRoute,
      eventsRoute,
      notificationsRoute,
      eventRoute,
      configurationRoute,
      auditRoute,
    ]),
    deliveryRoute,
    incidentsRoute,
    incidentRoute,
    alertsRoute.addChildren([alertsIndexRoute, alertChannelsRoute, alertRulesRoute, alertLogRoute]),
    maintenanceRoute,
    guideRoute,
    usersRoute,
    apiKeysRoute,
    settingsRoute,
    nowhereRoute,
  ]),
]);

export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingMs: 200,
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
