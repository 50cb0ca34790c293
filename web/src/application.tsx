/** The providers around all pages. */
import { MantineProvider, localStorageColorSchemeManager, mergeThemeOverrides } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import i18next from "i18next";
import { StrictMode, useMemo } from "react";
import { useTranslation } from "react-i18next";
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
// What the hub says of providers and tests came in the language before.
i18next.on("languageChanged", () => void queries.invalidateQueries());
const colours = localStorageColorSchemeManager({ key: "simpul.colours" });

export function Application() {
  const { t } = useTranslation();
  const close = t("close");
  // The kit's close buttons are crosses; this is what they are called.
  const named = useMemo(() => mergeThemeOverrides(theme, { components: { CloseButton: { defaultProps: { "aria-label": close } } } }), [close]);
  return (
    <StrictMode>
      <MantineProvider theme={named} cssVariablesResolver={cssVariables} colorSchemeManager={colours} defaultColorScheme="auto">
        <Notifications position="bottom-right" limit={4} />
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
