/** How an integration fares: its score and why, what to do about it, and the figures of the chosen time, renewed as they change. */
import { Alert, Group, SegmentedControl, SimpleGrid, Skeleton, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStream } from "~/api/sse";
import { LiveBadge } from "~/parts/LiveBadge";
import { Loaded } from "~/parts/Loaded";
import { TestDialog } from "~/parts/TestDialog";
import { IconInfo } from "~/parts/icons";
import { type HealthReport, healthReportQuery, healthSeriesQuery, integrationIncidentsQuery } from "~/queries/integration-health";
import type { Integration } from "~/queries/integrations";
import { useIntegration } from "../use-integration";
import { Components } from "./Components";
import { Errors } from "./Errors";
import { Figures } from "./Figures";
import { Headline } from "./Headline";
import { Heartbeat } from "./Heartbeat";
import { PauseMenu, PausedNotice } from "./Pause";
import { Recommendations } from "./Recommendations";
import { ResponseTimes } from "./ResponseTimes";
import { WINDOWS, type WindowWord, healthRoute } from "./route";

export function HealthTab() {
  const { t } = useTranslation("integration-health");
  const integration = useIntegration();
  const { window = "24h" } = healthRoute.useSearch();
  const navigate = useNavigate({ from: "/integrations/$integrationId/health" });
  const live = useLiveHealth(integration.id);
  const choose = (word: string) => {
    const chosen = WINDOWS.find((one) => one === word);
    void navigate({ search: { window: chosen === "24h" ? undefined : chosen }, replace: true });
  };
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <SegmentedControl size="sm" aria-label={t("window.label")} value={window} onChange={choose} data={WINDOWS.map((value) => ({ value, label: t(`window.short.${value}`) }))} />
        <Group gap="sm">
          <LiveBadge state={live} />
          <PauseMenu id={integration.id} />
        </Group>
      </Group>
      <PausedNotice id={integration.id} />
      <Report integration={integration} window={window} />
    </Stack>
  );
}

/** Asks again for everything about this integration when the hub says that its health has changed. */
function useLiveHealth(id: string) {
  const queries = useQueryClient();
  return useStream("/api/admin/health/stream", {
    health: (value) => {
      if (typeof value === "object" && value !== null && "integrationId" in value && value.integrationId === id) {
        void queries.invalidateQueries({ queryKey: ["integrations", "health", id] });
        void queries.invalidateQueries({ queryKey: ["integrations", "one", id] });
      }
    },
  });
}

function Report({ integration, window }: { integration: Integration; window: WindowWord }) {
  const { i18n } = useTranslation();
  const lang = i18n.language === "id" ? "id" : "en";
  const [tests, setTests] = useState(false);
  const report = useQuery({ ...healthReportQuery(integration.id, window, lang), refetchInterval: 30_000 });
  const series = useQuery({ ...healthSeriesQuery(integration.id, window), refetchInterval: 60_000 });
  const incidents = useQuery({ ...integrationIncidentsQuery(integration.id, lang), refetchInterval: 60_000 });
  return (
    <>
      <Loaded query={report} skeleton={<ReportSkeleton />}>
        {(health) => (
          <>
            <Standing health={health} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
              <Stack gap="lg">
                <Headline health={health} integration={integration} />
                <Components health={health} />
              </Stack>
              <Recommendations integrationId={integration.id} all={health.recommendationDetails} onTest={() => setTests(true)} />
            </SimpleGrid>
            <Figures health={health} />
          </>
        )}
      </Loaded>
      <Loaded query={series} skeleton={<><Skeleton h={132} /><Skeleton h={380} /></>}>
        {(points) => (
          <>
            <Heartbeat series={points} />
            <ResponseTimes series={points} incidents={incidents.data?.data ?? []} />
          </>
        )}
      </Loaded>
      {report.data ? <Errors health={report.data} /> : null}
      <TestDialog integration={tests ? integration : null} onClose={() => setTests(false)} />
    </>
  );
}

/** Why there is no verdict yet, or none to lean on. */
function Standing({ health }: { health: HealthReport }) {
  const { t } = useTranslation("integration-health");
  if (health.healthStatus !== "unknown" && !health.provisional) return null;
  return (
    <Alert variant="light" color="nila" icon={<IconInfo aria-hidden />} styles={{ message: { color: "var(--mantine-color-text)" } }}>
      {health.healthStatus === "unknown" ? t("standing.unknown") : t("standing.provisional", { count: health.metrics.totalRequests })}
    </Alert>
  );
}

function ReportSkeleton() {
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg"><Skeleton h={230} /><Skeleton h={230} /></SimpleGrid>
      <Skeleton h={110} />
    </>
  );
}
