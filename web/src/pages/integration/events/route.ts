/** `/integrations/:id/events?type=…`, `…/events/notifications?outcome=refused&reason=…`, `…/events/:eventId` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Schema } from "~/api/client";
import { oneOf, words } from "~/parts/search-parameters";
import { integrationRoute } from "../route";

export const OUTCOMES = ["accepted", "duplicate", "kept", "refused"] as const;
export const REASONS = ["bad_signature", "stale", "malformed", "unknown_account"] as const satisfies readonly Schema<"RefusalReason">[];

export interface NotificationSearch {
  readonly outcome?: (typeof OUTCOMES)[number] | undefined;
  readonly reason?: (typeof REASONS)[number] | undefined;
  /** The one that is open in the drawer. */
  readonly open?: string | undefined;
}

export const eventsRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "events",
  validateSearch: (search: Record<string, unknown>): { type?: string | undefined } => ({ type: words(search.type) }),
  component: lazyRouteComponent(() => import("./EventsTab"), "EventsTab"),
});

export const notificationsRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "events/notifications",
  validateSearch: (search: Record<string, unknown>): NotificationSearch => ({ outcome: oneOf(search.outcome, OUTCOMES), reason: oneOf(search.reason, REASONS), open: words(search.open) }),
  component: lazyRouteComponent(() => import("./NotificationsTab"), "NotificationsTab"),
});

export const eventRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "events/$eventId",
  component: lazyRouteComponent(() => import("./EventPage"), "EventPage"),
});
