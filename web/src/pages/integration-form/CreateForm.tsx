/** The form of a new integration. */
import { Button, Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { isAllShown } from "~/parts/field-errors";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Integration, type Owner, type Provider, useCreateIntegration } from "~/queries/integrations";
import { BasicsSection, CredentialsSection, SettingsSection } from "./FormSections";
import { TestSection } from "./TestSection";
import classes from "./integration-form.module.css";
import { focusProblem } from "./focus-problem";
import { shownPaths } from "./shown-paths";
import { useIntegrationForm } from "./use-integration-form";

interface Props {
  readonly provider: Provider;
  readonly owner: Owner;
  readonly inheritable: boolean;
  readonly onCreated: (integration: Integration) => void;
  /** Back to the partner unless said. */
  readonly onCancel?: () => void;
}

export function CreateForm({ provider, owner, inheritable, onCreated, onCancel }: Props) {
  const { t } = useTranslation(["integration-form", "common"]);
  const form = useIntegrationForm(provider);
  const create = useCreateIntegration(owner);
  const notices = useNotices();

  function save() {
    form.touchAll();
    if (!form.isValid) return focusProblem();
    const body = {
      integrationType: provider.integrationType,
      provider: provider.slug,
      displayName: form.displayName.trim(),
      testMode: form.testMode,
      usePartnerConfig: form.usePartnerConfig,
      configuration: form.usePartnerConfig ? {} : form.configuration(),
      settings: form.settings,
    };
    create.mutate(body, {
      onSuccess: (answer) => {
        for (const warning of answer.warnings ?? []) notices.warned(t("savedBut"), warning.message);
        onCreated(answer.data);
      },
      onError: form.refuse,
    });
  }

  return (
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
          <CredentialsSection provider={provider} form={form} inheritable={inheritable} />
          <SettingsSection provider={provider} form={form} />
        </Stack>
        <div className={classes.aside}>
          {form.usePartnerConfig ? null : (
            <TestSection provider={provider} form={form} configuration={() => Promise.resolve(form.configuration())} />
          )}
          {create.isError && !isAllShown(create.error, shownPaths(form)) ? <ErrorState error={create.error} title={t("notSaved")} /> : null}
          <Group justify="flex-end">
            {onCancel ? (
              <Button variant="default" onClick={onCancel}>
                {t("common:cancel")}
              </Button>
            ) : (
              <ButtonLink variant="default" to="/partners/$partnerId" params={{ partnerId: owner.partnerId }}>
                {t("common:cancel")}
              </ButtonLink>
            )}
            <Button type="submit" loading={create.isPending}>
              {t("create")}
            </Button>
          </Group>
        </div>
      </form>
    </div>
  );
}
