/** One integration at a glance, and what is done with it every day. */
import { Card, Group, Skeleton, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { RelativeTime } from "~/parts/RelativeTime";
import { ScoreRing } from "~/parts/ScoreRing";
import { ActiveBadge, HealthBadge, ModeBadge, OutcomeBadge } from "~/parts/StatusBadge";
import { integrationPath } from "~/parts/integration-paths";
import { TypeIcon } from "~/parts/provider-looks";
import { type Integration, providersQuery } from "~/queries/integrations";
import type { HealthSummary } from "~/queries/overview";
import { useMay } from "~/session/session";
import { CardActions } from "./CardActions";
import classes from "./partner.module.css";
import { useSwitches } from "./use-switches";

const RING = 56;

interface Props {
  readonly integration: Integration;
  /** Of an outlet's own. */
  readonly outlet: string | null;
  /** `undefined` while it is on its way, `null` where there is none. */
  readonly health: HealthSummary | null | undefined;
  readonly onTest: () => void;
}

export function IntegrationCard({ integration, outlet, health, onTest }: Props) {
  const { t } = useTranslation(["partner", "words"]);
  const name = integration.displayName;
  const providers = useQuery(providersQuery);
  const label = providers.data?.find((one) => one.slug === integration.provider)?.label ?? integration.provider;
  const about = [
    label === name ? null : label,
    outlet === null ? null : t("ofOutlet", { name: outlet }),
    integration.usePartnerConfig ? t("inherits") : null,
  ];
  return (
    <Card
      id={integration.id}
      className={classes.card}
      data-inactive={!integration.isActive || undefined}
      component="article"
      aria-label={name}
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start" style={{ minWidth: 0 }}>
          <TypeIcon type={integration.integrationType} />
          <div style={{ minWidth: 0 }}>
            <Text component={Link} to={integrationPath(integration.id)} className={classes.name} c="var(--mantine-color-anchor)" td="none">
              {name}
            </Text>
            <Text fz="xs" c="dimmed" className="breaks">
              {about.filter(Boolean).join(" · ") || t(`words:type.${integration.integrationType}`)}
            </Text>
          </div>
        </Group>
        <Ring health={health} />
      </Group>
      <Group gap={6}>
        <Standing health={health} />
        <ModeBadge testMode={integration.testMode} size="sm" />
        {integration.isActive ? null : <ActiveBadge active={false} size="sm" />}
      </Group>
      <LastTest integration={integration} />
      <Switches integration={integration} />
      <CardActions integration={integration} onTest={onTest} />
    </Card>
  );
}

function Ring({ health }: Pick<Props, "health">) {
  const { t } = useTranslation("partner");
  const format = useFormat();
  if (health === undefined) return <Skeleton circle h={RING} w={RING} />;
  // As tall as the ring, so that the cards of a row stay level.
  if (health === null) return <div style={{ height: RING }} />;
  const { healthStatus, healthScore, successRate, totalRequests } = health;
  const rate = typeof successRate === "number" ? t("rate", { rate: format.percent(successRate) }) : t("noCalls");
  return (
    <div style={{ flex: "none" }} title={`${rate} · ${t("calls", { count: totalRequests })}`}>
      <ScoreRing score={healthScore} status={healthStatus} size={RING} />
    </div>
  );
}

function Standing({ health }: Pick<Props, "health">) {
  if (health === undefined) return <Skeleton h={20} w={70} />;
  if (health === null) return <HealthBadge status="unknown" size="sm" />;
  return <HealthBadge status={health.healthStatus} provisional={health.provisional && health.healthStatus !== "unknown"} size="sm" />;
}

function LastTest({ integration }: { integration: Integration }) {
  const { t } = useTranslation("partner");
  const { lastTestedAt, lastTestStatus, lastTestMessage } = integration;
  return (
    <div>
      <Group gap={8} wrap="wrap">
        <Text fz="xs" c="dimmed">
          {t("lastTest")}
        </Text>
        <OutcomeBadge status={lastTestStatus ?? "never"} size="sm" />
        {lastTestedAt ? (
          <Text fz="xs" c="dimmed">
            <RelativeTime at={lastTestedAt} />
          </Text>
        ) : null}
      </Group>
      <Text fz="sm" mt={4} lineClamp={2} mih={21} className="breaks" title={lastTestMessage ?? undefined}>
        {lastTestMessage ?? t("neverTested")}
      </Text>
    </div>
  );
}

function Switches({ integration }: { integration: Integration }) {
  const { t } = useTranslation("partner");
  const may = useMay("admin");
  const { setActive, setTestMode } = useSwitches(integration);
  const [asks, setAsks] = useState(false);
  const name = integration.displayName;
  // To production is asked first: real money may hang on it. Back is harmless, and can be undone.
  const onMode = (testMode: boolean) => (testMode ? void setTestMode(true) : setAsks(true));
  return (
    <div className={classes.switches}>
      <Switch
        size="sm"
        label={t("isActive")}
        aria-label={t("of", { action: t("isActive"), name })}
        disabled={!may}
        checked={integration.isActive}
        onChange={(event) => void setActive(event.currentTarget.checked)}
      />
      <Switch
        size="sm"
        label={t("testMode")}
        aria-label={t("of", { action: t("testMode"), name })}
        disabled={!may}
        checked={integration.testMode}
        onChange={(event) => onMode(event.currentTarget.checked)}
      />
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        tone="nila"
        title={t("modeTitle", { name })}
        confirm={t("modeConfirm")}
        onConfirm={() => setTestMode(false)}
      >
        {t("modeText")}
      </ConfirmDialog>
    </div>
  );
}
