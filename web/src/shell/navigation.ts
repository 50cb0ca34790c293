/** What the navigation leads to, and for whom. A page that belongs there has one line here. */
import type { LinkProps } from "@tanstack/react-router";
import type { ParseKeys } from "i18next";
import { type Icon, IconBell, IconBuilding, IconDashboard, IconIncident, IconKey, IconRocket, IconSettings, IconTool, IconUsers } from "~/parts/icons";
import type { Role } from "~/session/session";

export interface Destination {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly text: ParseKeys<"shell">;
  readonly icon: Icon;
  /** Hidden from lower roles. */
  readonly role: Role;
  readonly group: "operate" | "manage";
}

export const DESTINATIONS: readonly Destination[] = [
  { to: "/", text: "pages.overview", icon: IconDashboard, role: "viewer", group: "operate" },
  { to: "/partners", text: "pages.partners", icon: IconBuilding, role: "viewer", group: "operate" },
  { to: "/incidents", text: "pages.incidents", icon: IconIncident, role: "viewer", group: "operate" },
  { to: "/alerts", text: "pages.alerts", icon: IconBell, role: "viewer", group: "operate" },
  { to: "/maintenance", text: "pages.maintenance", icon: IconTool, role: "viewer", group: "operate" },
  { to: "/guide", text: "pages.guide", icon: IconRocket, role: "admin", group: "manage" },
  { to: "/users", text: "pages.users", icon: IconUsers, role: "super_admin", group: "manage" },
  { to: "/api-keys", text: "pages.apiKeys", icon: IconKey, role: "super_admin", group: "manage" },
  { to: "/settings", text: "pages.settings", icon: IconSettings, role: "viewer", group: "manage" },
];
