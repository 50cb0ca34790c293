/** Connects an account: type and provider, then the form with its test, then what is left to do at the provider. */
import { Skeleton, Stack, Stepper } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { TextLink } from "~/parts/links";
import { type Integration, partnerIntegrationsQuery, providersQuery } from "~/queries/integrations";
import { outletsQuery, partnerQuery } from "~/queries/partners";
import { useMay } from "~/session/session";
import { CreateForm } from "./CreateForm";
import { Created } from "./Created";
import { ProviderChoice } from "./ProviderChoice";
import { newIntegrationRoute } from "./route";

export function NewIntegrationPage() {
  const { t } = useTranslation(["integration-form", "partners", "common"]);
  const { partnerId } = newIntegrationRoute.useParams();
  const search = newIntegrationRoute.useSearch();
  const navigate = useNavigate({ from: "/partners/$partnerId/integrations/new" });
  const may = useMay("admin");
  const partner = useQuery(partnerQuery(partnerId));
  const providers = useQuery(providersQuery);
  const integrations = useQuery(partnerIntegrationsQuery(partnerId));
  const outlets = useQuery({ ...outletsQuery(partnerId), enabled: search.outlet !== undefined });
  const failed = [partner, providers, integrations].find((query) => query.isError);
  const provider = providers.data?.find((one) => one.slug === search.provider);
  const outlet = outlets.data?.find((one) => one.id === search.outlet);
  const step = search.created !== undefined ? 2 : provider ? 1 : 0;
  if (!may) return <NotFound />;
  const isOwn = (one: Integration) => (one.outletId ?? undefined) === search.outlet;
  const owner = outlet ? `${partner.data?.name ?? ""} · ${outlet.name}` : (partner.data?.name ?? "…");
  const crumbs = [
    <TextLink key="partners" to="/partners">
      {t("partners:title")}
    </TextLink>,
    <TextLink key="partner" to="/partners/$partnerId" params={{ partnerId }}>
      {owner}
    </TextLink>,
  ];
  return (
    <>
      <PageHeader
        title={t(step === 2 ? "createdTitle" : provider ? "connect" : "newTitle", { provider: provider?.label ?? "" })}
        crumbs={crumbs}
      />
      <Stepper
        visibleFrom="sm"
        active={step}
        size="xs"
        mb="xl"
        maw={620}
        iconSize={28}
        allowNextStepsSelect={false}
        onStepClick={(to) => {
          if (to === 0 && step < 2) void navigate({ search: { ...search, provider: undefined } });
        }}
      >
        <Stepper.Step label={t("steps.provider")} />
        <Stepper.Step label={t("steps.form")} />
        <Stepper.Step label={t("steps.finish")} />
      </Stepper>
      {failed ? <ErrorState error={failed.error} onRetry={() => void failed.refetch()} /> : null}
      {!failed && (!providers.data || !integrations.data) ? (
        <Stack aria-label={t("common:loading")}>
          <Skeleton h={40} w={320} />
          <Skeleton h={280} />
        </Stack>
      ) : null}
      {providers.data && integrations.data ? (
        search.created !== undefined ? (
          <Created id={search.created} providers={providers.data} />
        ) : provider ? (
          <CreateForm
            key={provider.slug}
            provider={provider}
            owner={{ partnerId, outletId: search.outlet }}
            inheritable={
              search.outlet !== undefined && integrations.data.some((one) => one.outletId == null && one.provider === provider.slug)
            }
            onCreated={(created) => void navigate({ search: { ...search, created: created.id }, replace: true })}
          />
        ) : (
          <ProviderChoice
            providers={providers.data}
            existing={integrations.data.filter(isOwn)}
            type={search.type}
            onType={(type) => void navigate({ search: { ...search, type }, replace: true })}
            onProvider={(chosen) => void navigate({ search: { ...search, provider: chosen.slug } })}
          />
        )
      ) : null}
    </>
  );
}
