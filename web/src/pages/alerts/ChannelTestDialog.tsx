/** Sends a test message through a channel, and tells how that went. */
import { Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { oneOf } from "~/parts/search-parameters";
import { type AlertChannel, type ChannelTest, useTestChannel } from "~/queries/alerts";
import { ERROR_TYPES } from "../integration/logs/log-words";

export function ChannelTestDialog({ channel, onClose }: { channel: AlertChannel; onClose: () => void }) {
  const { t } = useTranslation(["alerts", "common"]);
  const { mutate, data, error, isError, isPending } = useTestChannel();
  const started = useRef(false);
  useEffect(() => {
    // Once, even where React draws twice: a test is a message to people.
    if (started.current) return;
    started.current = true;
    mutate(channel.id);
  }, [mutate, channel.id]);
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{t("channel.testOf", { name: channel.name })}</Text>}>
      <Stack>
        <div aria-live="polite" style={{ minHeight: 96 }}>
          {isError ? <ErrorState error={error} /> : data && !isPending ? <Report report={data} /> : <Group gap="sm"><Loader size="sm" /><Text fz="sm">{t("channel.testing")}</Text></Group>}
        </div>
        <Group justify="flex-end">
          <Button variant="default" loading={isPending} onClick={() => mutate(channel.id)}>{t("channel.again")}</Button>
          <Button onClick={onClose}>{t("common:close")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Report({ report }: { report: ChannelTest }) {
  const { t } = useTranslation(["alerts", "logs", "connection-test"]);
  const format = useFormat();
  const errorType = oneOf(report.errorType, ERROR_TYPES);
  const hasMore = Object.keys(report.details).length > 0;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <OutcomeBadge status={report.status} />
        {errorType ? <Text fz="sm" fw={600}>{t(`logs:errorType.${errorType}`)}</Text> : null}
        <Text fz="sm" c="dimmed">{t("connection-test:took", { duration: format.duration(report.duration) })}</Text>
      </Group>
      <Text fz="sm" className="breaks">{report.message}</Text>
      {hasMore ? <JsonView value={report.details} /> : null}
    </Stack>
  );
}
