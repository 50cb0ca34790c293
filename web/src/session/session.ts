/** Who is signed in, and what that person may do. */
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { ApiError, isSignedOut } from "~/api/api-error";
import { type Schema, api, data } from "~/api/client";

export type Caller = Schema<"CallerOut">;
export type Role = Schema<"Role">;

/** Each role may all that the ones before it may. */
export const ROLES = ["viewer", "operator", "admin", "super_admin"] as const satisfies readonly Role[];

/** `null` where nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Caller | null> => {
    try {
      return await data(api.GET("/api/auth/me", { signal }));
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** The signed-in person; use below the shell alone, which is shown to nobody else. */
export function useCaller(): Caller {
  const { data: caller } = useSuspenseQuery(sessionQuery);
  // Shown for the moment between the end of a session and the way to the sign-in page.
  return caller ?? { kind: "user", id: "", name: "", role: "viewer", partnerId: null };
}

/** Whether a role reaches another. */
export function reaches(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether the person may what takes this role: hide or disable what they may not. The hub checks it in any case. */
export function useMay(needed: Role): boolean {
  return reaches(useCaller().role, needed);
}

/** Whether the person may create, change and delete partners: an admin who is not confined to one partner. */
export function useMayManagePartners(): boolean {
  const caller = useCaller();
  return reaches(caller.role, "admin") && caller.partnerId === null;
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Schema<"LoginIn">) => data(api.POST("/api/auth/login", { body: input })),
    onSuccess: (caller) => {
      // Nothing of an earlier person's may be shown to this one.
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, caller);
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      try {
        await data(api.POST("/api/auth/logout"));
      } catch (error) {
        // A session that has ended already needs no ending.
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      }
    },
    onSuccess: () => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, null);
    },
  });
}
