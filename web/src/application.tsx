/** The providers around all pages. */
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { newQueryClient } from "./api/query-client";
import { newRouter } from "./router";
import { sessionQuery } from "./session/session";
import { cssVariables, theme } from "./theme";

const queries = newQueryClient(() => {
  // A sign-in page has nobody to sign out.
  if (queries.getQueryData(sessionQuery.queryKey) === null) return;
  queries.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});
const router = newRouter(queries);
const colours = localStorageColorSchemeManager({ key: "simpul.colours" });

export function Application() {
  return (
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} colorSchemeManager={colours} defaultColorScheme="auto">
        <Notifications position="bottom-right" limit={4} />
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
