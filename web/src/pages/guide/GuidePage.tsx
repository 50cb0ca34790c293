/** The first steps: a partner, its first account, a passed connection test, a delivered test event. */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { integrationQuery } from "~/queries/integrations";
import { partnerQuery } from "~/queries/partners";
import { useMay } from "~/session/session";
import { FirstTest } from "../integration-form/Created";
import { AccountStep } from "./AccountStep";
import { DeliveryStep } from "./DeliveryStep";
import { Finished } from "./Finished";
import { PartnerStep } from "./PartnerStep";
import { Step } from "./Step";
import { firstWebhooksQuery, isArriving } from "./first-webhook";
import { guideRoute } from "./route";

export function GuidePage() {
  const { t } = useTranslation("guide");
  const search = guideRoute.useSearch();
  const navigate = useNavigate({ from: "/guide" });
  const may = useMay("admin");
  const partner = useQuery({ ...partnerQuery(search.partner ?? ""), enabled: search.partner !== undefined });
  const integration = useQuery({ ...integrationQuery(search.integration ?? ""), enabled: search.integration !== undefined });
  const webhooks = useQuery({ ...firstWebhooksQuery(search.integration ?? ""), enabled: search.integration !== undefined });
  const [isRead, setRead] = useState(false);
  if (!may) return <NotFound />;
  // Loaded again, the guide opens where it was left, and shows no step before that is known.
  if (!isRead && ![partner, integration, webhooks].some((query) => query.isLoading)) setRead(true);
  const isTested = integration.data?.lastTestStatus === "success";
  const isDelivered = isTested && (webhooks.data ?? []).some(isArriving);
  if (!isRead) return <RowsSkeleton rows={4} height={64} />;
  const at = !partner.data ? 1 : !integration.data ? 2 : !isTested ? 3 : 4;
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <Stack component="ol" gap="md" maw={860} p={0} m={0} style={{ listStyle: "none" }}>
        <Step
          number={1}
          title={t("partner.title")}
          state={at > 1 ? "done" : "now"}
          summary={partner.data?.name}
          onChange={() => void navigate({ search: {} })}
        >
          <PartnerStep onChosen={(id) => void navigate({ search: { partner: id } })} />
        </Step>
        <Step
          number={2}
          title={t("account.title")}
          state={at > 2 ? "done" : at === 2 ? "now" : "later"}
          summary={integration.data?.displayName}
          onChange={() => void navigate({ search: { partner: search.partner } })}
        >
          {partner.data ? (
            <AccountStep
              partner={partner.data}
              onChosen={(id) => void navigate({ search: { partner: search.partner, integration: id } })}
            />
          ) : null}
        </Step>
        <Step
          number={3}
          title={t("test.title")}
          state={at > 3 ? "done" : at === 3 ? "now" : "later"}
          summary={integration.data?.lastTestMessage ?? undefined}
          keepsContent
        >
          {integration.data ? <FirstTest key={integration.data.id} integration={integration.data} back="guide" /> : null}
        </Step>
        <Step
          number={4}
          title={t("delivery.title")}
          state={isDelivered ? "done" : at === 4 ? "now" : "later"}
          summary={isDelivered ? t("delivery.done") : undefined}
          keepsContent
        >
          {webhooks.isError ? <ErrorState error={webhooks.error} onRetry={() => void webhooks.refetch()} /> : null}
          {integration.data && isTested && webhooks.data ? (
            <DeliveryStep key={integration.data.id} integration={integration.data} webhooks={webhooks.data} />
          ) : null}
        </Step>
      </Stack>
      {isDelivered && partner.data && integration.data ? <Finished partner={partner.data} integration={integration.data} /> : null}
    </>
  );
}
