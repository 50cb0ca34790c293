/** Copies a text and says so. */
import { ActionIcon, Code, Group, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "./clipboard";
import { IconCheck, IconCopy } from "./icons";

interface Props {
  readonly value: string;
  /** What is copied, for a screen reader: "Copy the webhook's address". */
  readonly label?: string;
}

export function CopyButton({ value, label }: Props) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<"copied" | "copyFailed" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 1_800);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(value)) ? "copied" : "copyFailed");
  const said = outcome === null ? (label ?? t("copy")) : t(outcome);
  const colour = outcome === "copied" ? "var(--tone-healthy-text)" : "dimmed";
  return (
    <Tooltip label={said}>
      <ActionIcon variant="subtle" color="gray" c={colour} onClick={() => void copy()} aria-label={said}>
        {outcome === "copied" ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** A text to copy, shown in full. */
export function CopyField({ value, label }: Props) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Code className="breaks" fz="sm" px="sm" py={6} bg="var(--surface-sunken)" style={{ flex: 1, minWidth: 0 }}>{value}</Code>
      <CopyButton value={value} label={label} />
    </Group>
  );
}
