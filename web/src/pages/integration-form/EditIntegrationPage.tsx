/** Changes an integration: what differs is sent, masked secrets stay as they are. */
import { Button, Group, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { PartnerName } from "~/parts/PartnerName";
import { ModeBadge } from "~/parts/StatusBadge";
import { isAllShown } from "~/parts/field-errors";
import { ButtonLink, TextLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Integration, type Provider, integrationQuery, providersQuery, useChangeIntegration, useReveal } from "~/queries/integrations";
import { useMay } from "~/session/session";
import { BasicsSection, CredentialsSection, MismatchAlert, SettingsSection } from "./FormSections";
import { InboundUrl } from "./InboundUrl";
import { TestSection } from "./TestSection";
import classes from "./integration-form.module.css";
import { editIntegrationRoute } from "./route";
import { isMasked } from "./schema-form";
import { focusProblem } from "./focus-problem";
import { shownPaths } from "./shown-paths";
import { sorted } from "./warnings";
import { useIntegrationForm } from "./use-integration-form";

export function EditIntegrationPage() {
  const { integrationId } = editIntegrationRoute.useParams();
  const may = useMay("admin");
  const query = useQuery(integrationQuery(integrationId));
  const providers = useQuery(providersQuery);
  const provider = providers.data?.find((one) => one.slug === query.data?.provider);
  if (!may) return <NotFound />;
  const failed = [query, providers].find((one) => one.isError && !one.data);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!query.data || !provider)
    return (
      <Stack>
        <Skeleton h={60} w={320} />
        <Skeleton h={420} />
      </Stack>
    );
  // A change from elsewhere must not take away what is being typed: the form starts once.
  return <EditForm key={integrationId} integration={query.data} provider={provider} />;
}

function EditForm({ integration, provider }: { integration: Integration; provider: Provider }) {
  const { t } = useTranslation(["integration-form", "partners", "common"]);
  const form = useIntegrationForm(provider, integration);
  const change = useChangeIntegration(integration);
  const reveal = useReveal(integration.id);
  const navigate = useNavigate();
  const notices = useNotices();
  const [warnings, setWarnings] = useState<readonly Schema<"Warning">[]>([]);
  const { back } = editIntegrationRoute.useSearch();
  const { id, partnerId } = integration;
  const next =
    back === "guide"
      ? ({ to: "/guide", search: { partner: partnerId, integration: id } } as const)
      : ({ to: "/partners/$partnerId", params: { partnerId } } as const);

  /** The stored secrets in place of their masks; the hub logs that they were asked for. */
  async function revealed(): Promise<Record<string, string>> {
    const { configuration } = await reveal.mutateAsync();
    const clear = form.fields
      .filter((field) => isMasked(form.values[field.name] ?? ""))
      .map((field) => [field.name, String(configuration[field.name] ?? "")] as const);
    return { ...form.values, ...Object.fromEntries(clear) };
  }

  async function onReveal() {
    try {
      form.setValues(await revealed());
    } catch (error) {
      notices.failed(error);
      throw error;
    }
  }

  async function configuration() {
    const masked = form.fields.some((field) => isMasked(form.values[field.name] ?? ""));
    if (!masked) return form.configuration();
    const { configuration: stored } = await reveal.mutateAsync();
    const untouched = form.fields
      .filter((field) => isMasked(form.values[field.name] ?? ""))
      .map((field) => [field.name, stored[field.name]] as const);
    return { ...form.configuration(), ...Object.fromEntries(untouched) };
  }

  function save(testMode = form.testMode) {
    form.touchAll();
    if (!form.isValid) return focusProblem();
    const { displayName, settings, usePartnerConfig } = form;
    change.mutate(
      {
        displayName: displayName.trim(),
        testMode,
        usePartnerConfig,
        settings,
        configuration: usePartnerConfig ? undefined : form.changes(),
      },
      {
        onSuccess: (answer) => {
          notices.done(t("savedNotice", { name: displayName.trim() }));
          const { mismatches, others } = sorted(answer.warnings);
          for (const warning of others) notices.warned(t("savedBut"), warning.message);
          setWarnings(mismatches);
          if (mismatches.length === 0) void navigate(next);
        },
        onError: form.refuse,
      },
    );
  }

  return (
    <>
      <PageHeader
        title={t("edit", { name: integration.displayName })}
        crumbs={[
          <TextLink key="partners" to="/partners">
            {t("partners:title")}
          </TextLink>,
          <PartnerName key="partner" id={integration.partnerId} />,
        ]}
        aside={<ModeBadge testMode={form.testMode} />}
      />
      <div className={classes.frame}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
          noValidate
          className={classes.columns}
        >
          <Stack gap="lg">
            <BasicsSection provider={provider} form={form} />
            <CredentialsSection provider={provider} form={form} onReveal={onReveal} />
            <SettingsSection provider={provider} form={form} />
          </Stack>
          <div className={classes.aside}>
            {form.usePartnerConfig ? null : <TestSection provider={provider} form={form} configuration={configuration} />}
            {warnings.map((warning) => (
              <MismatchAlert
                key={warning.field}
                message={warning.message}
                testMode={form.testMode}
                busy={change.isPending}
                onSwitch={() => {
                  form.setTestMode(!form.testMode);
                  save(!form.testMode);
                }}
              />
            ))}
            {change.isError && !isAllShown(change.error, shownPaths(form)) ? (
              <ErrorState error={change.error} title={t("notSaved")} />
            ) : null}
            <Group justify="flex-end">
              <ButtonLink variant="default" {...next}>
                {t("common:cancel")}
              </ButtonLink>
              <Button type="submit" loading={change.isPending}>
                {t("common:save")}
              </Button>
            </Group>
            <InboundUrl integration={integration} provider={provider} />
          </div>
        </form>
      </div>
    </>
  );
}
