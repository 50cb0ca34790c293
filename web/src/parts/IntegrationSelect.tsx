/** Chooses an integration; the hub is searched while typing. */
import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, data } from "~/api/client";
import { integrationQuery } from "~/queries/integrations";
import type { IntegrationType } from "./integration-types";

interface Props extends Omit<SelectProps, "data" | "value" | "onChange" | "searchValue" | "onSearchChange"> {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** Only of this type. */
  readonly type?: IntegrationType;
  /** Only this partner's. */
  readonly partnerId?: string | null;
}

export function IntegrationSelect({ value, onChange, type, partnerId, ...rest }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const chosen = useQuery({ ...integrationQuery(value ?? ""), enabled: value !== null });
  // The box shows the chosen name; that is no search.
  const wanted = text === chosen.data?.displayName ? "" : text.trim();
  const [asked] = useDebouncedValue(wanted, 200);
  const query = { q: asked || undefined, integrationType: type, partnerId: partnerId ?? undefined, limit: 20 };
  const found = useQuery({
    queryKey: ["integrations", "choice", query],
    queryFn: ({ signal }) => data(api.GET("/api/admin/integrations", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
  const options = new Map((found.data ?? []).map((one) => [one.id, one.displayName]));
  if (chosen.data) options.set(chosen.data.id, chosen.data.displayName);
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
      {...rest}
    />
  );
}
