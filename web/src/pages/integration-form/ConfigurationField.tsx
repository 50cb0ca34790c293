/** One member of the configuration: its label, help, example, and what is wrong with it as it is typed. */
import { ActionIcon, NumberInput, Select, TextInput, Tooltip } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconEye, IconEyeOff } from "~/parts/icons";
import { type FormField, isMasked, problemOf } from "./schema-form";
import type { IntegrationForm } from "./use-integration-form";

interface Props {
  readonly field: FormField;
  readonly form: IntegrationForm;
  /** Fetches the stored secret, which the hub logs; absent where nothing is stored. */
  readonly onReveal?: (() => Promise<void>) | undefined;
}

export function ConfigurationField({ field, form, onReveal }: Props) {
  const { t } = useTranslation(["integration-form", "common"]);
  const value = form.values[field.name] ?? "";
  const problem = problemOf(field, value, form.start[field.name]);
  // An empty field is no mistake before it was left; a wrong character is one at once.
  const isSaid = problem !== null && (problem.kind !== "required" || form.touched.has(field.name));
  const said = form.refused[`configuration.${field.name}`] ?? (isSaid ? t(`problem.${problem.kind}`, { ...problem }) : null);
  const shared = {
    name: field.name,
    label: field.required ? field.title : `${field.title} (${t("common:optional")})`,
    description: field.help || undefined,
    required: field.required,
    withAsterisk: false,
    error: said,
    onBlur: () => form.touch(field.name),
    placeholder: field.example ? t("example", { example: field.example }) : undefined,
  };
  const set = (text: string) => form.setValue(field.name, text);
  if (field.kind === "choice") {
    return (
      <Select
        {...shared}
        placeholder={undefined}
        data={[...field.choices]}
        allowDeselect={!field.required}
        clearable={!field.required}
        value={value || null}
        onChange={(choice) => set(choice ?? "")}
      />
    );
  }
  if (field.kind === "number") {
    return (
      <NumberInput
        {...shared}
        allowDecimal={false}
        allowNegative={(field.minimum ?? 0) < 0}
        hideControls
        value={value === "" ? "" : Number(value)}
        onChange={(number) => set(String(number))}
      />
    );
  }
  if (field.kind === "secret") return <SecretInput shared={shared} value={value} set={set} onReveal={onReveal} title={field.title} />;
  return <TextInput {...shared} value={value} onChange={(event) => set(event.currentTarget.value)} autoComplete="off" spellCheck={false} />;
}

interface SecretProps {
  readonly shared: { readonly name: string; readonly label: string; readonly error: ReactNode; readonly onBlur: () => void };
  readonly title: string;
  readonly value: string;
  readonly set: (text: string) => void;
  readonly onReveal?: (() => Promise<void>) | undefined;
}

/** Hidden until asked for. A stored secret is shown as its mask, and in clear only once the hub was asked. */
function SecretInput({ shared, title, value, set, onReveal }: SecretProps) {
  const { t } = useTranslation("integration-form");
  const [isShown, setShown] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const isStored = isMasked(value);

  async function toggle() {
    if (isShown || !isStored || !onReveal) return setShown(!isShown);
    setAsking(true);
    try {
      await onReveal();
      setShown(true);
    } finally {
      setAsking(false);
    }
  }

  const label = t(isShown ? "hide" : isStored ? "reveal" : "show", { name: title });
  return (
    <TextInput
      {...shared}
      // A mask hides nothing and is shown as it is.
      type={isShown || isStored ? "text" : "password"}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      // What is typed replaces the mask instead of being put into it.
      onFocus={(event) => {
        if (isStored) event.currentTarget.select();
      }}
      autoComplete="new-password"
      spellCheck={false}
      data-1p-ignore
      rightSection={
        value === "" || (isStored && !onReveal) ? null : (
          <Tooltip label={label}>
            <ActionIcon variant="subtle" color="gray" c="dimmed" loading={isAsking} onClick={() => void toggle()} aria-label={label}>
              {isShown ? <IconEyeOff size={17} aria-hidden /> : <IconEye size={17} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )
      }
    />
  );
}
