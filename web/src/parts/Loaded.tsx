/** What a query brought, or its skeleton, or why it failed. What was shown stays while it is asked for again. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";

interface Props<Value> {
  readonly query: UseQueryResult<Value>;
  /** In the shape and height of what will come, so that nothing jumps. */
  readonly skeleton: ReactNode;
  readonly children: (value: Value) => ReactNode;
}

export function Loaded<Value>({ query, skeleton, children }: Props<Value>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <>{skeleton}</>;
}
