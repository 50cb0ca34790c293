/** The knot, and the name. */
import { Group, Text } from "@mantine/core";

export function Logo({ size = 26 }: { size?: number }) {
  return (
    <Group gap={9} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="8" fill="#34479c" />
        <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
          <path d="M7 12c0-3.3 2.3-5 5-5 6 0 4 18 10 18 2.2 0 3.5-1.7 3.5-4" />
          <path d="M7 20c0 3.3 2.3 5 5 5 6 0 4-18 10-18 2.2 0 3.5 1.7 3.5 4" />
        </g>
      </svg>
      <Text fw={700} fz={size * 0.66} lh={1} component="span">Simpul</Text>
    </Group>
  );
}
