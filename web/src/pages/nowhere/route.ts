/** Every address that no page has: said within the shell, so that one can go on. */
import { createRoute } from "@tanstack/react-router";
import { NotFound } from "~/parts/NotFound";
import { shellRoute } from "~/routes";

export const nowhereRoute = createRoute({ getParentRoute: () => shellRoute, path: "$", component: NotFound });
