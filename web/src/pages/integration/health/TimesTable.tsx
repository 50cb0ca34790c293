/** The response times as a table: the points at which something was measured, newest first. */
import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { HealthSeries } from "~/queries/integration-health";
import classes from "./health.module.css";

export function TimesTable({ series }: { series: HealthSeries }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const time = (value: number | null | undefined) => (typeof value === "number" ? format.duration(value) : "–");
  const points = series.points.filter((point) => point.totalRequests > 0).reverse();
  return (
    <div className={classes.scroller} role="region" aria-label={t("times.title")} tabIndex={0}>
      <Table stickyHeader verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("times.at")}</Table.Th>
            <Table.Th ta="right">{t("figures.requests")}</Table.Th>
            <Table.Th ta="right">{t("figures.success")}</Table.Th>
            <Table.Th ta="right">p50</Table.Th>
            <Table.Th ta="right">p95</Table.Th>
            <Table.Th ta="right">p99</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.map((point) => (
            <Table.Tr key={point.at}>
              <Table.Td>{format.dateTime(point.at)}</Table.Td>
              <Table.Td ta="right">{format.number(point.totalRequests)}</Table.Td>
              <Table.Td ta="right">{typeof point.successRate === "number" ? format.percent(point.successRate) : "–"}</Table.Td>
              <Table.Td ta="right">{time(point.p50ResponseTime)}</Table.Td>
              <Table.Td ta="right">{time(point.p95ResponseTime)}</Table.Td>
              <Table.Td ta="right">{time(point.p99ResponseTime)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
