/** Opens the palette, and tells of its key. */
import { UnstyledButton } from "@mantine/core";
import { openSpotlight } from "@mantine/spotlight";
import { useTranslation } from "react-i18next";
import { IconSearch } from "~/parts/icons";
import classes from "./Shell.module.css";

export function SearchButton() {
  const { t } = useTranslation("shell");
  const key = /mac/i.test(navigator.userAgent) ? "⌘ K" : "Ctrl K";
  return (
    <UnstyledButton className={classes.search} onClick={() => openSpotlight()} aria-label={t("search.open")} aria-keyshortcuts="Control+K Meta+K">
      <IconSearch size={16} aria-hidden /><span>{t("search.open")}</span><kbd className={classes.key}>{key}</kbd>
    </UnstyledButton>
  );
}
