/** The first steps: a partner, its first account, a passed connection test, a delivered test event. */
import { Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { IconRocket } from "~/parts/icons";
import { ButtonLink } from "~/parts/links";
import { integrationQuery } from "~/queries/integrations";
import { partnerQuery } from "~/queries/partners";
import { useMay } from "~/session/session";
import { FirstTest } from "../integration-form/Created";
import { AccountStep } from "./AccountStep";
import { DeliveryStep } from "./DeliveryStep";
import { PartnerStep } from "./PartnerStep";
import { Step } from "./Step";
import { guideRoute } from "./route";

export function GuidePage() {
  const { t } = useTranslation("guide");
  const search = guideRoute.useSearch();
  const navigate = useNavigate({ from: "/guide" });
  const may = useMay("admin");
  const partner = useQuery({ ...partnerQuery(search.partner ?? ""), enabled: search.partner !== undefined });
  const integration = useQuery({ ...integrationQuery(search.integration ?? ""), enabled: search.integration !== undefined });
  const [isDelivered, setDelivered] = useState(false);
  if (!may) return <NotFound />;
  const isTested = integration.data?.lastTestStatus === "success";
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
          {integration.data ? <FirstTest integration={integration.data} /> : null}
        </Step>
        <Step
          number={4}
          title={t("delivery.title")}
          state={isDelivered ? "done" : at === 4 ? "now" : "later"}
          summary={isDelivered ? t("delivery.done") : undefined}
          keepsContent
        >
          {integration.data && isTested ? <DeliveryStep integration={integration.data} onDelivered={() => setDelivered(true)} /> : null}
        </Step>
      </Stack>
      {isDelivered && partner.data ? (
        <Card maw={860} mt="lg" role="status" style={{ borderColor: "var(--tone-healthy-solid)" }}>
          <IconRocket size={28} color="var(--tone-healthy-text)" aria-hidden />
          <Title order={2} mt="xs">
            {t("finished.title")}
          </Title>
          <Text fz="sm" c="dimmed" mb="md">
            {t("finished.text")}
          </Text>
          <div>
            <ButtonLink to="/partners/$partnerId" params={{ partnerId: partner.data.id }}>
              {t("finished.go", { name: partner.data.name })}
            </ButtonLink>
          </div>
        </Card>
      ) : null}
    </>
  );
}
