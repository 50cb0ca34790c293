/** A page's title with the way back, what it is about, and what can be done. Also names the browser's tab. */
import { Anchor, Box, Breadcrumbs, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  readonly title: string;
  /** Links upwards, such as `<TextLink to="/partners">Partners</TextLink>`. */
  readonly crumbs?: readonly ReactNode[];
  /** Beside the title: badges. */
  readonly aside?: ReactNode;
  readonly description?: ReactNode;
  /** Buttons, the most important last. */
  readonly actions?: ReactNode;
}

export function PageHeader({ title, crumbs = [], aside, description, actions }: Props) {
  useDocumentTitle(`${title} · Simpul`);
  return (
    <Box mb="lg">
      {crumbs.length > 0 ? <Breadcrumbs fz="sm" mb={6} separatorMargin={6}>{crumbs.map((crumb, index) => <span key={index}>{crumb}</span>)}</Breadcrumbs> : null}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="sm" align="center"><Title order={1} className="breaks">{title}</Title>{aside}</Group>
          {description ? <Text c="dimmed" fz="sm" mt={4} maw={760} component="div">{description}</Text> : null}
        </Box>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
    </Box>
  );
}

/** A link out of the dashboard, as a crumb or in text. */
export function OutLink({ href, children }: { href: string; children: ReactNode }) {
  return <Anchor href={href} target="_blank" rel="noreferrer">{children}</Anchor>;
}
