/** Chips that filter; their state belongs in the address (`search-parameters.ts`), so that a link shows the same. */
import { UnstyledButton } from "@mantine/core";
import { useFormat } from "~/language/use-format";
import type { Tone } from "~/theme";
import classes from "./FilterChips.module.css";

export interface Chip<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** How many it would show. */
  readonly count?: number;
  readonly tone?: Tone;
}

interface Props<Value extends string> {
  /** What is filtered by, for a screen reader. */
  readonly label: string;
  readonly chips: readonly Chip<Value>[];
  readonly chosen: readonly Value[] | undefined;
  /** `undefined` where none is left. */
  readonly onChange: (chosen: Value[] | undefined) => void;
  /** One at a time. */
  readonly single?: boolean;
}

export function FilterChips<Value extends string>({ label, chips, chosen = [], onChange, single = false }: Props<Value>) {
  const format = useFormat();
  function toggle(value: Value) {
    const without = chosen.filter((one) => one !== value);
    const next = without.length < chosen.length ? without : single ? [value] : [...chosen, value];
    onChange(next.length > 0 ? next : undefined);
  }
  return (
    <div role="group" aria-label={label} className={classes.group}>
      {chips.map((chip) => (
        <UnstyledButton key={chip.value} className={classes.chip} aria-pressed={chosen.includes(chip.value)} onClick={() => toggle(chip.value)}>
          {chip.tone ? <span className={classes.dot} style={{ background: `var(--tone-${chip.tone}-solid)` }} aria-hidden /> : null}
          {chip.label}
          {chip.count === undefined ? null : <span className={classes.count}>{format.number(chip.count)}</span>}
        </UnstyledButton>
      ))}
    </div>
  );
}
