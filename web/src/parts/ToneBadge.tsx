/** A state as colour, icon and word together: never colour alone. */
import type { ReactNode } from "react";
import type { Tone } from "~/theme";
import classes from "./ToneBadge.module.css";
import type { Icon } from "./icons";

interface Props {
  readonly tone: Tone;
  readonly icon: Icon;
  readonly children: ReactNode;
  /** `sm` in tables, `md` elsewhere. */
  readonly size?: "sm" | "md";
}

export function ToneBadge({ tone, icon: Icon, children, size = "md" }: Props) {
  const style = { color: `var(--tone-${tone}-text)`, backgroundColor: `var(--tone-${tone}-tint)` };
  return (
    <span className={classes.badge} data-size={size} style={style}>
      <Icon size={size === "sm" ? 13 : 15} stroke={2.2} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
