/** Chooses a role, with what it may. */
import { Select, Stack, Text } from "@mantine/core";
import type { SelectProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ROLES, type Role } from "~/session/session";

interface Props extends Omit<SelectProps, "data" | "value" | "onChange"> {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

export function RoleSelect({ value, onChange, ...rest }: Props) {
  const { t } = useTranslation("words");
  return (
    <Select
      data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      value={value}
      onChange={(chosen) => onChange(ROLES.find((role) => role === chosen) ?? value)}
      allowDeselect={false}
      description={t(`roleMay.${value}`)}
      inputWrapperOrder={["label", "input", "description", "error"]}
      renderOption={({ option }) => {
        const role = ROLES.find((one) => one === option.value) ?? "viewer";
        return <Stack gap={0}><Text fz="sm" fw={550}>{option.label}</Text><Text fz="xs" c="dimmed">{t(`roleMay.${role}`)}</Text></Stack>;
      }}
      {...rest}
    />
  );
}
