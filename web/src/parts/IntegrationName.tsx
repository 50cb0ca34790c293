/** An integration's name for its id, as a link. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { integrationQuery } from "~/queries/integrations";
import { integrationPath } from "./integration-paths";
import { TextLink } from "./links";

export function IntegrationName({ id }: { id: string }) {
  const query = useQuery({ ...integrationQuery(id), staleTime: 60_000, retry: false });
  if (query.data) return <TextLink to={integrationPath(id)}>{query.data.displayName}</TextLink>;
  return query.isError ? <span title={id}>…{id.slice(-6)}</span> : <Skeleton component="span" display="inline-block" h={12} w={120} />;
}
