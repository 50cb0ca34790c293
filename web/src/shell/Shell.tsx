/** The frame around every page: navigation, header, palette. */
import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, lazy, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { AccountMenu } from "./AccountMenu";
import { ColourSwitch, LanguageSwitch } from "./switches";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import { SearchButton } from "./SearchButton";
import classes from "./Shell.module.css";

// Fetched once the first page stands; Ctrl-K works from then on.
const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));

export function Shell() {
  const { t } = useTranslation("shell");
  const [opened, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // On a phone the navigation gives way to the page that was chosen.
  useEffect(close, [path, close]);
  return (
    <AppShell
      layout="alt"
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "md", collapsed: { mobile: !opened } }}
      padding={{ base: "md", md: "xl" }}
      transitionDuration={120}
    >
      <a href="#content" className={classes.skip}>{t("skip")}</a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px={{ base: "sm", md: "xl" }} justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label={t("openNavigation")} aria-expanded={opened} />
            <SearchButton />
          </Group>
          <Group gap={4} wrap="nowrap">
            <LanguageSwitch />
            <ColourSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t("navigation")}>
        <Group h={56} px="md" justify="space-between" wrap="nowrap">
          <Logo />
          <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label={t("openNavigation")} />
        </Group>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.page}><Outlet /></div>
      </AppShell.Main>
      <Suspense fallback={null}><Palette /></Suspense>
    </AppShell>
  );
}
