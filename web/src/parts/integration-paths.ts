/** Where the tabs of an integration's page are. */

export const INTEGRATION_TABS = ["health", "logs", "webhooks", "events", "configuration", "audit"] as const;
export type IntegrationTab = (typeof INTEGRATION_TABS)[number];

/** `/integrations/<id>/health` */
export function integrationPath(id: string, tab: IntegrationTab = "health"): string {
  return `/integrations/${id}/${tab}`;
}

/** `/integrations/<id>`, which leads to its first tab. */
export function integrationPagePath(id: string): string {
  return `/integrations/${id}`;
}
