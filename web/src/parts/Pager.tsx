/** Leads through the pages of a list and says where one is. */
import { Group, Pagination, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { useFormat } from "~/language/use-format";

interface Props {
  readonly pagination: Schema<"Pagination">;
  readonly onPage: (page: number) => void;
}

export function Pager({ pagination, onPage }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { page, limit, total, totalPages } = pagination;
  if (total === 0) return null;
  const from = (page - 1) * limit + 1;
  const range = { from: format.number(from), to: format.number(Math.min(page * limit, total)), total: format.number(total) };
  return (
    <Group justify="space-between" mt="md">
      <Text fz="sm" c="dimmed" className="figures" role="status">{t("pager.range", range)}</Text>
      {totalPages > 1 ? (
        <Pagination
          total={totalPages}
          value={page}
          onChange={onPage}
          size="sm"
          getControlProps={(control) => ({ "aria-label": t(`pager.${control}`) })}
          getItemProps={(item) => ({ "aria-label": t("pager.page", { page: item }) })}
        />
      ) : null}
    </Group>
  );
}
