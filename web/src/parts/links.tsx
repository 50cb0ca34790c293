/** Mantine's looks on the router's typed links. */
import { ActionIcon, type ActionIconProps, Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Html<Own> = Own & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Own> & { ref?: Ref<HTMLAnchorElement> };

/** A button that leads to a page: `<ButtonLink to="/partners/$partnerId" params={{ partnerId }}>`. */
export const ButtonLink = createLink((props: Html<ButtonProps>) => <Button component="a" {...props} />);
/** A link in text or a table. */
export const TextLink = createLink((props: Html<AnchorProps>) => <Anchor {...props} />);
/** An icon that leads to a page; give it an `aria-label`. */
export const IconLink = createLink((props: Html<ActionIconProps>) => <ActionIcon component="a" {...props} />);
