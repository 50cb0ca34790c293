/** `/integrations/:id/webhooks`, `…/new`, `…/:webhookId?view=deliveries&status=failed&eventType=…`, `…/:webhookId/edit` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, words } from "~/parts/search-parameters";
import { integrationRoute } from "../route";

export const WEBHOOK_VIEWS = ["deliveries", "replays", "settings", "verify"] as const;
export const DELIVERY_STATUSES = ["success", "failed", "pending", "parked", "filtered", "dropped"] as const;

export interface WebhookSearch {
  /** Deliveries where absent. */
  readonly view?: (typeof WEBHOOK_VIEWS)[number] | undefined;
  readonly status?: (typeof DELIVERY_STATUSES)[number] | undefined;
  readonly eventType?: string | undefined;
}

export function readWebhookSearch(search: Record<string, unknown>): WebhookSearch {
  const view = oneOf(search.view, WEBHOOK_VIEWS);
  return { view: view === "deliveries" ? undefined : view, status: oneOf(search.status, DELIVERY_STATUSES), eventType: words(search.eventType) };
}

export const webhooksRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "webhooks",
  component: lazyRouteComponent(() => import("./WebhooksTab"), "WebhooksTab"),
});

export const newWebhookRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "webhooks/new",
  component: lazyRouteComponent(() => import("./form/NewWebhook"), "NewWebhook"),
});

export const webhookRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "webhooks/$webhookId",
  validateSearch: readWebhookSearch,
  component: lazyRouteComponent(() => import("./WebhookPage"), "WebhookPage"),
});

export const editWebhookRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "webhooks/$webhookId/edit",
  component: lazyRouteComponent(() => import("./form/EditWebhook"), "EditWebhook"),
});
