/** What would be delivered of the last event (or a sample) with the settings in the form. Nothing is stored or sent. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck, IconEye, IconFilter } from "~/parts/icons";
import { usePreview } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import type { WebhookValues } from "./webhook-values";

export function Preview({ id, values }: { id: string; values: WebhookValues }) {
  const { t } = useTranslation("webhooks");
  const may = useMay("operator");
  const preview = usePreview(id);
  if (!may) return null;
  const orNull = (text: string) => (text.trim() === "" ? null : text.trim());
  const run = () => preview.mutate({ filter: orNull(values.filter), transformation: orNull(values.transformation), payloadStyle: values.payloadStyle });
  const { data: found } = preview;
  return (
    <Stack gap="sm">
      <Group><Button variant="default" leftSection={<IconEye size={16} aria-hidden />} loading={preview.isPending} onClick={run}>{t("preview.action")}</Button></Group>
      {preview.isError ? <ErrorState error={preview.error} /> : null}
      {found ? (
        <Stack gap="xs" role="status">
          <Group gap="xs">
            <ToneBadge tone={found.delivered ? "healthy" : "unknown"} icon={found.delivered ? IconCheck : IconFilter}>{t(found.delivered ? "preview.delivered" : "preview.kept")}</ToneBadge>
            <Text fz="sm" c="dimmed">{t(found.eventSource === "sample" ? "preview.sample" : "preview.last")}</Text>
          </Group>
          <Text fz="sm" className="breaks">{found.reason}</Text>
          {found.filter?.error ? <Text fz="sm" c="var(--tone-warning-text)" className="breaks">{found.filter.error}</Text> : null}
          {found.body ? <JsonView value={found.body} label={t("preview.body")} /> : null}
        </Stack>
      ) : null}
    </Stack>
  );
}
