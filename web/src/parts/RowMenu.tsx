/** What can be done with one row: its dots and their menu. */
import { ActionIcon, Menu } from "@mantine/core";
import { type Icon, IconDots } from "./icons";

export interface RowAction {
  readonly icon: Icon;
  readonly text: string;
  readonly act: () => void;
  /** Shown in red. */
  readonly destroys?: boolean;
}

/** `label` says whose actions they are. */
export function RowMenu({ label, actions }: { label: string; actions: readonly RowAction[] }) {
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={32} aria-label={label}><IconDots size={18} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ icon: Icon, text, act, destroys }) => (
          <Menu.Item key={text} leftSection={<Icon size={16} aria-hidden />} c={destroys ? "var(--tone-critical-text)" : undefined} onClick={act}>{text}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
