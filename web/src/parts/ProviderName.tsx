/** Providers by name: one for its slug, or one to choose. */
import { MultiSelect, Select, type MultiSelectProps, type SelectProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { providersQuery } from "~/queries/integrations";

/** The provider's name; its slug until that is known. */
export function useProviderName(): (slug: string) => string {
  const { data } = useQuery(providersQuery);
  return (slug) => data?.find((one) => one.slug === slug)?.label ?? slug;
}

export function ProviderName({ slug }: { slug: string }) {
  return <>{useProviderName()(slug)}</>;
}

/** A slug may belong to two types; it is offered once. */
function useOptions() {
  const { data = [] } = useQuery(providersQuery);
  return [...new Map(data.map((one) => [one.slug, { value: one.slug, label: one.label }])).values()].sort((a, b) => a.label.localeCompare(b.label));
}

export function ProviderSelect(props: Omit<SelectProps, "data">) {
  const { t } = useTranslation();
  return <Select searchable clearable data={useOptions()} nothingFoundMessage={t("noneFound")} clearButtonProps={{ "aria-label": t("clear") }} {...props} />;
}

export function ProvidersSelect(props: Omit<MultiSelectProps, "data">) {
  const { t } = useTranslation();
  return <MultiSelect searchable clearable hidePickedOptions data={useOptions()} nothingFoundMessage={t("noneFound")} clearButtonProps={{ "aria-label": t("clear") }} {...props} />;
}
