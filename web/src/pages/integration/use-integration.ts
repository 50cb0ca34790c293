/** The integration whose page this is; below `IntegrationPage` alone, which shows nothing before it is there. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { type Integration, integrationQuery } from "~/queries/integrations";
import { integrationRoute } from "./route";

export function useIntegration(): Integration {
  const { integrationId } = integrationRoute.useParams();
  return useSuspenseQuery(integrationQuery(integrationId)).data;
}
