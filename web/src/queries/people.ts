/** Users and API keys: a super_admin's. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type User = Schema<"UserOut">;
export type ApiKey = Schema<"ApiKeyOut">;

export interface PeopleFilter {
  readonly q?: string | undefined;
  readonly page?: number | undefined;
}

export const usersQuery = (filter: PeopleFilter) =>
  queryOptions({
    queryKey: ["users", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/users", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

export const apiKeysQuery = (filter: PeopleFilter) =>
  queryOptions({
    queryKey: ["api-keys", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/api-keys", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

/** Creates without an id, changes with one; an empty password stays as it is. */
export function useSaveUser(id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ password, ...input }: Schema<"UserIn">) =>
      id === undefined
        ? data(api.POST("/api/admin/users", { body: { ...input, password } }))
        : data(api.PUT("/api/admin/users/{id}", { params: { path: { id } }, body: { ...input, ...(password === "" ? {} : { password }) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function useDeleteUser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/users/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
}

/** The answer holds the key, this once. */
export function useCreateApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"ApiKeyIn">) => data(api.POST("/api/admin/api-keys", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["api-keys"] }),
    gcTime: 0,
  });
}

export function useDeleteApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/api-keys/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["api-keys"] }),
  });
}
