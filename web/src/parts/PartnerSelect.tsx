/** Chooses a partner, or none; the hub is searched while typing. */
import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { partnerQuery, partnersQuery } from "~/queries/partners";

interface Props extends Omit<SelectProps, "data" | "value" | "onChange" | "searchValue" | "onSearchChange"> {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

export function PartnerSelect({ value, onChange, ...rest }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const chosen = useQuery({ ...partnerQuery(value ?? ""), enabled: value !== null });
  // The box shows the chosen name; that is no search.
  const wanted = text === chosen.data?.name ? "" : text.trim();
  const [asked] = useDebouncedValue(wanted, 200);
  const found = useQuery(partnersQuery({ q: asked || undefined, limit: 20 }));
  const options = new Map((found.data?.data ?? []).map((one) => [one.id, one.name]));
  if (chosen.data) options.set(chosen.data.id, chosen.data.name);
  return (
    <Select
      searchable
      clearable
      data={[...options].map(([id, name]) => ({ value: id, label: name }))}
      filter={({ options: all }) => all}
      nothingFoundMessage={t("noneFound")}
      value={value}
      onChange={onChange}
      searchValue={text}
      onSearchChange={setText}
      clearButtonProps={{ "aria-label": t("clear") }}
      comboboxProps={{ withinPortal: true }}
      {...rest}
    />
  );
}
