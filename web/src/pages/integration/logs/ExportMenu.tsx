/** Takes what the filter matches away as a file. */
import { Button, Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { IconDownload } from "~/parts/icons";
import { type LogFilter, exportPath } from "~/queries/logs";

export function ExportMenu({ id, filter }: { id: string; filter: LogFilter }) {
  const { t } = useTranslation("logs");
  return (
    <Menu position="bottom-end">
      <Menu.Target><Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />}>{t("export")}</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={exportPath(id, "csv", filter)} download>{t("csv")}</Menu.Item>
        <Menu.Item component="a" href={exportPath(id, "ndjson", filter)} download>{t("ndjson")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
