/** Names and values side by side, as a description list. */
import { Box, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

export function Facts({ facts, columns = 2 }: { facts: readonly Fact[]; columns?: number }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: Math.min(2, columns), md: columns }} spacing="md" verticalSpacing="sm" m={0}>
      {facts.map((fact) => (
        <Box key={fact.name} style={{ minWidth: 0 }}>
          <Text component="dt" fz="xs" c="dimmed" fw={550}>{fact.name}</Text>
          <Text component="dd" fz="sm" m={0} className="breaks">{fact.value}</Text>
        </Box>
      ))}
    </SimpleGrid>
  );
}
