/** Language and colours; both are remembered on this device. */
import { ActionIcon, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "~/language/choice";
import { switchLanguage } from "~/language/set-up";
import { IconCheck, IconMoon, IconSun } from "~/parts/icons";
import classes from "./switches.module.css";

export function LanguageSwitch() {
  const { t, i18n } = useTranslation("shell");
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <UnstyledButton className={classes.language} aria-label={`${i18n.language.toUpperCase()} – ${t("language")}: ${i18n.language === "id" ? t("languages.id") : t("languages.en")}`}>{i18n.language.toUpperCase()}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item key={language} lang={language} onClick={() => void switchLanguage(language)} rightSection={i18n.language === language ? <IconCheck size={15} aria-hidden /> : null}>
            {t(`languages.${language}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function ColourSwitch() {
  const { t } = useTranslation("shell");
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  const label = t(`colours.${other}`);
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" c="var(--mantine-color-text)" size={36} onClick={() => setColorScheme(other)} aria-label={label}>
        {other === "dark" ? <IconMoon size={18} aria-hidden /> : <IconSun size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
