/** The request's members that the form has a field for; problems of others are shown beside the button. */
import type { IntegrationForm } from "./use-integration-form";

export function shownPaths(form: Pick<IntegrationForm, "fields">): string[] {
  const configuration = form.fields.map((field) => `configuration.${field.name}`);
  return [...configuration, "displayName", "usePartnerConfig", "settings.testIntervalMinutes", "settings.latencyTargetMs"];
}
