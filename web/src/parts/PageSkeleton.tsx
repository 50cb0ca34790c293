/** Grey shapes while a page's code or data is on its way. */
import { Group, Skeleton, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function PageSkeleton() {
  const { t } = useTranslation();
  return (
    <Stack gap="lg" aria-busy="true" aria-label={t("loading")} role="status">
      <Group justify="space-between"><Skeleton h={28} w={220} /><Skeleton h={34} w={130} /></Group>
      <RowsSkeleton rows={6} />
    </Stack>
  );
}

/** Rows of a table or list that is on its way. */
export function RowsSkeleton({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return <Stack gap={8}>{Array.from({ length: rows }, (_, index) => <Skeleton key={index} h={height} />)}</Stack>;
}
