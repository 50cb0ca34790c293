/** An address that leads nowhere. */
import { useTranslation } from "react-i18next";
import { ButtonLink } from "./links";
import { EmptyState } from "./EmptyState";
import { IconSearch } from "./icons";

export function NotFound() {
  const { t } = useTranslation();
  return <EmptyState icon={IconSearch} title={t("notFound.title")} action={<ButtonLink to="/">{t("notFound.home")}</ButtonLink>}>{t("notFound.text")}</EmptyState>;
}
