/** Opens the palette with a click or Ctrl-K; its code is fetched the first time. */
import { UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconSearch } from "~/parts/icons";
import classes from "./Shell.module.css";

const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));

export function SearchButton() {
  const { t } = useTranslation("shell");
  // Counts the openings, so that each opens it anew.
  const [openings, setOpenings] = useState(0);
  const open = () => setOpenings((before) => before + 1);
  useHotkeys([["mod+K", open]], []);
  const key = /mac/i.test(navigator.userAgent) ? "⌘ K" : "Ctrl K";
  return (
    <>
      <UnstyledButton className={classes.search} onClick={open} aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={16} aria-hidden />
        <span>{t("search.open")}</span>
        <kbd className={classes.key} aria-hidden>
          {key}
        </kbd>
      </UnstyledButton>
      {openings > 0 ? (
        <Suspense fallback={null}>
          <Palette openings={openings} />
        </Suspense>
      ) : null}
    </>
  );
}
