/** Chooses several partners; the hub is searched while typing. */
import { MultiSelect, type MultiSelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { partnerQuery, partnersQuery } from "~/queries/partners";

interface Props extends Omit<MultiSelectProps, "data" | "value" | "searchValue" | "onSearchChange"> {
  readonly value: string[];
}

export function PartnersSelect({ value, ...rest }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 200);
  const found = useQuery(partnersQuery({ q: asked || undefined, limit: 20 }));
  const chosen = useQueries({ queries: value.map((id) => ({ ...partnerQuery(id), staleTime: 60_000 })) });
  const options = new Map((found.data?.data ?? []).map((one) => [one.id, one.name]));
  for (const { data } of chosen) if (data) options.set(data.id, data.name);
  return (
    <MultiSelect
      searchable
      clearable
      hidePickedOptions
      maxValues={100}
      data={[...options].map(([id, name]) => ({ value: id, label: name }))}
      filter={({ options: all }) => all}
      nothingFoundMessage={t("noneFound")}
      clearButtonProps={{ "aria-label": t("clear") }}
      value={value}
      searchValue={text}
      onSearchChange={setText}
      {...rest}
    />
  );
}
