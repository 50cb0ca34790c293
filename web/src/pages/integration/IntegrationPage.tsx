/** One integration: what it is, how it is, a test at hand, and its tabs. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { PageSkeleton } from "~/parts/PageSkeleton";
import { PartnerName } from "~/parts/PartnerName";
import { RelativeTime } from "~/parts/RelativeTime";
import { ActiveBadge, HealthBadge, ModeBadge, OutcomeBadge } from "~/parts/StatusBadge";
import { TestDialog } from "~/parts/TestDialog";
import { IconFlask } from "~/parts/icons";
import { INTEGRATION_TABS, integrationPath } from "~/parts/integration-paths";
import { TextLink } from "~/parts/links";
import { type Integration, healthQuery, integrationQuery, providersQuery } from "~/queries/integrations";
import { outletsQuery } from "~/queries/partners";
import { useMay } from "~/session/session";
import classes from "./integration.module.css";
import { integrationRoute } from "./route";

export function IntegrationPage() {
  const { integrationId } = integrationRoute.useParams();
  const query = useQuery({ ...integrationQuery(integrationId), refetchInterval: 30_000 });
  if (query.data) return <Shown key={integrationId} integration={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFound />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Shown({ integration }: { integration: Integration }) {
  const { t } = useTranslation(["integration", "partners"]);
  const mayTest = useMay("operator");
  const [tests, setTests] = useState(false);
  const { id, partnerId, displayName } = integration;
  return (
    <>
      <PageHeader
        title={displayName}
        crumbs={[
          <TextLink key="partners" to="/partners">{t("partners:title")}</TextLink>,
          <PartnerName key="partner" id={partnerId} />,
        ]}
        aside={<><Health id={id} /><ModeBadge testMode={integration.testMode} /><ActiveBadge active={integration.isActive} /></>}
        description={<About integration={integration} />}
        actions={mayTest ? <Button leftSection={<IconFlask size={16} aria-hidden />} onClick={() => setTests(true)}>{t("testNow")}</Button> : null}
      />
      <nav className={classes.tabs} aria-label={t("tabs")}>
        {INTEGRATION_TABS.map((tab) => <Link key={tab} to={integrationPath(id, tab)} className={classes.tab} activeProps={{ "aria-current": "page" }}>{t(`tab.${tab}`)}</Link>)}
      </nav>
      <Outlet />
      <TestDialog integration={tests ? integration : null} onClose={() => setTests(false)} />
    </>
  );
}

function Health({ id }: { id: string }) {
  const { data: health } = useQuery({ ...healthQuery(id), refetchInterval: 20_000 });
  if (!health) return null;
  return <HealthBadge status={health.healthStatus} provisional={health.provisional && health.healthStatus !== "unknown"} />;
}

/** Provider, outlet and the last test, in one line that wraps. */
function About({ integration }: { integration: Integration }) {
  const { t } = useTranslation(["integration", "words"]);
  const providers = useQuery(providersQuery);
  const outlets = useQuery({ ...outletsQuery(integration.partnerId), enabled: integration.outletId !== null });
  const label = providers.data?.find((one) => one.slug === integration.provider)?.label ?? integration.provider;
  const outlet = outlets.data?.find((one) => one.id === integration.outletId)?.name;
  return (
    <div className={classes.about}>
      <span>{label} · {t(`words:type.${integration.integrationType}`)}{outlet ? ` · ${t("outlet", { name: outlet })}` : ""}</span>
      <span className={classes.test}>
        {t("lastTest")} <OutcomeBadge status={integration.lastTestStatus ?? "never"} size="sm" />
        {integration.lastTestedAt ? <RelativeTime at={integration.lastTestedAt} /> : null}
      </span>
    </div>
  );
}
