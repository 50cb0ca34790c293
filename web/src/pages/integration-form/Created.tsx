/** The integration is there: what is left to do at the provider, what looks wrong, and where to go on. */
import { Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { TestReport, TestRunning } from "~/parts/TestReport";
import { IconEdit, IconFlask } from "~/parts/icons";
import { integrationPath } from "~/parts/integration-paths";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Integration, type Provider, integrationQuery, useChangeIntegration, useTestIntegration } from "~/queries/integrations";
import { MismatchAlert } from "./FormSections";
import { InboundUrl } from "./InboundUrl";
import classes from "./integration-form.module.css";

export function Created({ id, providers }: { id: string; providers: readonly Provider[] }) {
  const query = useQuery(integrationQuery(id));
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const provider = providers.find((one) => one.slug === query.data?.provider);
  if (!query.data || !provider) return <Skeleton h={280} />;
  return <Shown integration={query.data} provider={provider} />;
}

function Shown({ integration, provider }: { integration: Integration; provider: Provider }) {
  const { t } = useTranslation("integration-form");
  return (
    <div className={classes.frame}>
      <div className={classes.columns}>
        <Stack gap="lg">
          <InboundUrl integration={integration} provider={provider} />
          <Card>
            <Title order={2}>{t("webhook")}</Title>
            <Text fz="sm" c="dimmed" mb="md">
              {t("webhookHelp")}
            </Text>
            <Group>
              <ButtonLink variant="default" to={integrationPath(integration.id, "webhooks")}>
                {t("toWebhooks")}
              </ButtonLink>
            </Group>
          </Card>
        </Stack>
        <div className={classes.aside}>
          <Card>
            <Title order={2}>{t("firstTest")}</Title>
            <FirstTest integration={integration} />
          </Card>
          <Group justify="flex-end">
            <ButtonLink variant="default" to="/partners/$partnerId" params={{ partnerId: integration.partnerId }}>
              {t("toPartner")}
            </ButtonLink>
            <ButtonLink to={integrationPath(integration.id)}>{t("toIntegration")}</ButtonLink>
          </Group>
        </div>
      </div>
    </div>
  );
}

/** Creating runs no test: this one is kept with the integration. */
export function FirstTest({ integration, back }: { integration: Integration; back?: "guide" }) {
  const { t } = useTranslation("integration-form");
  const test = useTestIntegration(integration.id);
  const change = useChangeIntegration(integration);
  const notices = useNotices();
  const [mode, setMode] = useState(integration.testMode);
  const run = () => test.mutate();
  const isFailed = test.isIdle ? integration.lastTestStatus === "failed" : test.data !== undefined && test.data.status !== "success";
  function switchMode() {
    change.mutate(
      { testMode: !mode },
      {
        onSuccess: () => {
          setMode(!mode);
          run();
        },
        onError: (error) => notices.failed(error),
      },
    );
  }
  return (
    <>
      <Text fz="sm" c="dimmed" mb="md">
        {t("firstTestHelp")}
      </Text>
      <Stack aria-live="polite">
        {test.isIdle && isFailed ? <Text fz="sm">{t("lastFailed", { message: integration.lastTestMessage ?? "" })}</Text> : null}
        {test.isPending ? <TestRunning provider={integration.displayName} /> : null}
        {test.isError ? <ErrorState error={test.error} /> : null}
        {test.isSuccess ? <TestReport key={test.data.testedAt} report={test.data} /> : null}
        {test.data?.errorType === "environment_mismatch" ? (
          <MismatchAlert testMode={mode} onSwitch={switchMode} busy={change.isPending} />
        ) : null}
        <Group>
          <Button
            variant={test.isSuccess ? "default" : "filled"}
            leftSection={<IconFlask size={16} aria-hidden />}
            loading={test.isPending}
            onClick={run}
          >
            {t("testNow")}
          </Button>
          {isFailed ? (
            <ButtonLink
              variant={test.isSuccess ? "filled" : "default"}
              leftSection={<IconEdit size={16} aria-hidden />}
              to="/integrations/$integrationId/edit"
              params={{ integrationId: integration.id }}
              search={{ back }}
            >
              {t("correct")}
            </ButtonLink>
          ) : null}
        </Group>
      </Stack>
    </>
  );
}
