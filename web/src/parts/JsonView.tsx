/** JSON for people: indented, in colours, folded where it is deep or long. Text stays text: nothing is read as HTML. */
import { Box, Group, Text, UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "./CopyButton";
import classes from "./JsonView.module.css";

/** Entries of one list or object, and characters of one text, that are shown before one asks for all. */
const ENTRIES = 100;
const CHARACTERS = 2_000;

interface Props {
  /** Parsed JSON, or a text that may be JSON. */
  readonly value: unknown;
  /** Levels that are open at first. */
  readonly open?: number;
  readonly label?: string;
}

export function JsonView({ value, open = 3, label }: Props) {
  const { t } = useTranslation();
  const read = typeof value === "string" ? readText(value) : value;
  if (read === undefined || read === null || read === "") return <Text fz="sm" c="dimmed">{t("json.nothing")}</Text>;
  const text = typeof read === "string" ? read : JSON.stringify(read, null, 2);
  return (
    <Box className={classes.view} pos="relative">
      <Group className={classes.copy} gap={0}><CopyButton value={text} label={label ?? t("json.copy")} /></Group>
      {/* Reachable with the keyboard, since long lines scroll. */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={label ?? "JSON"}>
        {typeof read === "string" ? <LongText text={read} /> : <Node value={read} depth={0} open={open} />}
      </div>
    </Box>
  );
}

function readText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : text;
  } catch {
    return text;
  }
}

function Node({ value, depth, open }: { value: unknown; depth: number; open: number }): ReactNode {
  if (typeof value === "object" && value !== null) return <Branch value={value} depth={depth} open={open} />;
  if (typeof value === "string") return <span className={classes.string}>"<LongText text={JSON.stringify(value).slice(1, -1)} />"</span>;
  return <span className={classes.plain}>{String(value)}</span>;
}

function Branch({ value, depth, open }: { value: object; depth: number; open: number }) {
  const { t } = useTranslation();
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [isOpen, setOpen] = useState(depth < open);
  const [all, setAll] = useState(false);
  const [left, right] = isList ? "[]" : "{}";
  if (entries.length === 0) return <span>{left}{right}</span>;
  const shown = all ? entries : entries.slice(0, ENTRIES);
  return (
    <>
      <UnstyledButton className={classes.fold} aria-expanded={isOpen} aria-label={t(isOpen ? "json.fold" : "json.unfold")} onClick={() => setOpen(!isOpen)}>
        {left}{isOpen ? null : <span className={classes.count}>{t("json.entries", { count: entries.length })}{right}</span>}
      </UnstyledButton>
      {isOpen ? (
        <>
          <div className={classes.children}>
            {shown.map(([key, child], index) => (
              <div key={key}>
                {isList ? null : <><span className={classes.key}>{JSON.stringify(key)}</span>: </>}
                <Node value={child} depth={depth + 1} open={open} />
                {index < entries.length - 1 ? "," : ""}
              </div>
            ))}
            {shown.length < entries.length ? <UnstyledButton className={classes.more} onClick={() => setAll(true)}>{t("json.more", { count: entries.length - shown.length })}</UnstyledButton> : null}
          </div>
          {right}
        </>
      ) : null}
    </>
  );
}

function LongText({ text }: { text: string }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (all || text.length <= CHARACTERS) return <>{text}</>;
  return <>{text.slice(0, CHARACTERS)}… <UnstyledButton className={classes.more} onClick={() => setAll(true)}>{t("json.whole", { count: text.length })}</UnstyledButton></>;
}
