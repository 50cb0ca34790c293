/** Tests what stands in the form before it is saved. */
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { ErrorState } from "~/parts/ErrorState";
import { TestReport, TestRunning } from "~/parts/TestReport";
import { IconFlask } from "~/parts/icons";
import { type Provider, useTestConfiguration } from "~/queries/integrations";
import { MismatchAlert } from "./FormSections";
import { focusProblem } from "./focus-problem";
import type { IntegrationForm } from "./use-integration-form";

interface Props {
  readonly provider: Provider;
  readonly form: IntegrationForm;
  /** The configuration in clear: stored secrets that were not touched have to be fetched. */
  readonly configuration: () => Promise<Record<string, unknown>>;
}

export function TestSection({ provider, form, configuration }: Props) {
  const { t } = useTranslation("integration-form");
  const test = useTestConfiguration();

  async function run() {
    form.touchAll();
    if (!form.isValid) return focusProblem();
    try {
      const sent = await configuration();
      await test.mutateAsync({
        integrationType: provider.integrationType,
        provider: provider.slug,
        testMode: form.testMode,
        configuration: sent,
      });
    } catch (error) {
      form.refuse(error);
    }
  }

  const isAboutFields = test.error instanceof ApiError && Object.keys(test.error.fields).length > 0;
  return (
    <Card>
      <Group justify="space-between" align="flex-start" mb={test.isIdle ? 0 : "md"}>
        <div style={{ flex: "1 1 220px" }}>
          <Title order={2}>{t("test")}</Title>
          <Text fz="sm" c="dimmed">
            {t("testHelp", { provider: provider.label })}
          </Text>
        </div>
        <Button variant="light" leftSection={<IconFlask size={16} aria-hidden />} loading={test.isPending} onClick={() => void run()}>
          {t("testNow")}
        </Button>
      </Group>
      <Stack aria-live="polite">
        {test.isPending ? <TestRunning provider={provider.label} /> : null}
        {test.isError ? (
          isAboutFields ? (
            <Text fz="sm" c="var(--tone-critical-text)">
              {t("seeFields")}
            </Text>
          ) : (
            <ErrorState error={test.error} onRetry={() => void run()} />
          )
        ) : null}
        {test.isSuccess ? <TestReport key={test.data.testedAt} report={test.data} /> : null}
        {test.data?.errorType === "environment_mismatch" ? (
          <MismatchAlert
            testMode={form.testMode}
            onSwitch={() => {
              form.setTestMode(!form.testMode);
              test.reset();
            }}
          />
        ) : null}
      </Stack>
    </Card>
  );
}
