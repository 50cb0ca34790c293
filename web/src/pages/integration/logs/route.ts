/** `/integrations/:id/logs?status=failed&action=test&startDate=…&q=…&log=…` */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { moment, oneOf, severalOf, words } from "~/parts/search-parameters";
import type { LogFilter } from "~/queries/logs";
import { integrationRoute } from "../route";
import { ERROR_TYPES, LOG_ACTIONS, LOG_STATUSES } from "./log-words";

export interface LogSearch extends LogFilter {
  /** The entry that is open in the drawer. */
  readonly log?: string | undefined;
}

export function readLogSearch(search: Record<string, unknown>): LogSearch {
  return {
    action: severalOf(search.action, LOG_ACTIONS),
    status: severalOf(search.status, LOG_STATUSES),
    startDate: moment(search.startDate),
    endDate: moment(search.endDate),
    errorType: oneOf(search.errorType, ERROR_TYPES),
    q: words(search.q),
    log: words(search.log),
  };
}

export const logsRoute = createRoute({
  getParentRoute: () => integrationRoute,
  path: "logs",
  validateSearch: readLogSearch,
  component: lazyRouteComponent(() => import("./LogsTab"), "LogsTab"),
});
