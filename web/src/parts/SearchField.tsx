/** A search box that tells its page once typing pauses, and follows when the address changes. */
import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconSearch } from "./icons";

const PAUSE = 250;

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly value: string | undefined;
  readonly onSearch: (text: string | undefined) => void;
  readonly label: string;
}

export function SearchField({ value = "", onSearch, label, ...rest }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const newest = useRef(onSearch);
  newest.current = onSearch;
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      newest.current(told.current || undefined);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label={t("clear")} onClick={() => setText("")} /> : null}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      maxLength={200}
      w={{ base: "100%", xs: 280 }}
      {...rest}
    />
  );
}
