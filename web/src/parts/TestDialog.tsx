/** Tests a stored integration in a dialog. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Integration, useTestIntegration } from "~/queries/integrations";
import { ErrorState } from "./ErrorState";
import { TestReport, TestRunning } from "./TestReport";
import { IconRefresh } from "./icons";

interface Props {
  /** `null` while closed. */
  readonly integration: Pick<Integration, "id" | "displayName"> | null;
  readonly onClose: () => void;
}

export function TestDialog({ integration, onClose }: Props) {
  const { t } = useTranslation("connection-test");
  return (
    <Modal
      opened={integration !== null}
      onClose={onClose}
      title={<Text fw={650}>{t("title", { name: integration?.displayName ?? "" })}</Text>}
    >
      {integration ? <Running integration={integration} onClose={onClose} /> : null}
    </Modal>
  );
}

function Running({ integration, onClose }: { integration: Pick<Integration, "id" | "displayName">; onClose: () => void }) {
  const { t } = useTranslation(["connection-test", "common"]);
  const test = useTestIntegration(integration.id);
  const { mutate } = test;
  // Once for each opening, also where React mounts twice to find faults.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  return (
    <Stack mih={180} justify="space-between">
      {test.isPending || test.isIdle ? <TestRunning provider={integration.displayName} /> : null}
      {test.isError ? <ErrorState error={test.error} /> : null}
      {test.isSuccess ? <TestReport key={test.data.testedAt} report={test.data} /> : null}
      <Group justify="flex-end">
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} loading={test.isPending} onClick={() => mutate()}>
          {t("again")}
        </Button>
        <Button onClick={onClose}>{t("common:close")}</Button>
      </Group>
    </Stack>
  );
}
