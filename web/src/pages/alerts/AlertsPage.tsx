/** Who is told of trouble, through what, and what was told: the frame of the three tabs. */
import { Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "~/parts/PageHeader";
import classes from "../integration/integration.module.css";

export function AlertsPage() {
  const { t } = useTranslation("alerts");
  const tab = { className: classes.tab, activeProps: { "aria-current": "page" } } as const;
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <nav className={classes.tabs} aria-label={t("tabs")}>
        <Link to="/alerts/channels" {...tab}>{t("tab.channels")}</Link>
        <Link to="/alerts/rules" {...tab}>{t("tab.rules")}</Link>
        <Link to="/alerts/log" {...tab}>{t("tab.log")}</Link>
      </nav>
      <Outlet />
    </>
  );
}
