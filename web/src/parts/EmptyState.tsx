/** Nothing here yet: what this place is for, and the one thing to do first. */
import { Stack, Text, ThemeIcon } from "@mantine/core";
import type { ReactNode } from "react";
import type { Icon } from "./icons";

interface Props {
  readonly icon: Icon;
  readonly title: string;
  /** One sentence. */
  readonly children?: ReactNode;
  /** One button, where the reader may do something. */
  readonly action?: ReactNode;
}

export function EmptyState({ icon: Icon, title, children, action }: Props) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light" aria-hidden><Icon size={26} stroke={1.7} /></ThemeIcon>
      <Text fw={650} mt="xs">{title}</Text>
      {children ? <Text c="dimmed" fz="sm" maw={440}>{children}</Text> : null}
      {action ? <div style={{ marginTop: 10 }}>{action}</div> : null}
    </Stack>
  );
}
