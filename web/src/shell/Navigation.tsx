/** Links to the pages that this person may open. */
import { AppShell, ScrollArea } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { IconExternal } from "~/parts/icons";
import { reaches, useCaller } from "~/session/session";
import classes from "./Shell.module.css";
import { DESTINATIONS } from "./navigation";

export function Navigation() {
  const { t } = useTranslation("shell");
  const { role } = useCaller();
  const allowed = DESTINATIONS.filter((destination) => reaches(role, destination.role));
  return (
    <AppShell.Section grow component={ScrollArea} px="xs" pb="md">
      {(["operate", "manage"] as const).map((group) => (
        <div key={group}>
          <p className={classes.group} id={`navigation-${group}`}>{t(`groups.${group}`)}</p>
          <ul className={classes.list} aria-labelledby={`navigation-${group}`}>
            {allowed.filter((destination) => destination.group === group).map(({ to, text, icon: Icon }) => (
              <li key={to}>
                <Link to={to} className={classes.link} activeOptions={{ exact: to === "/" }}>
                  <Icon size={18} stroke={1.8} aria-hidden />{t(text)}
                </Link>
              </li>
            ))}
            {group === "manage" ? (
              <li><a href="/api/docs/" className={classes.link} target="_blank" rel="noreferrer"><IconExternal size={18} stroke={1.8} aria-hidden />{t("pages.docs")}</a></li>
            ) : null}
          </ul>
        </div>
      ))}
    </AppShell.Section>
  );
}
