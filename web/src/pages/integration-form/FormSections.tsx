/** The form's parts: name and environment, credentials, and the hub's own settings. */
import {
  Alert,
  Button,
  Card,
  Collapse,
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { IconChevronDown, IconChevronRight, IconKey } from "~/parts/icons";
import type { Provider } from "~/queries/integrations";
import { ConfigurationField } from "./ConfigurationField";
import type { IntegrationForm } from "./use-integration-form";

interface Props {
  readonly provider: Provider;
  readonly form: IntegrationForm;
}

export function BasicsSection({ form }: Props) {
  const { t } = useTranslation(["integration-form", "common", "words"]);
  const isMissing = form.displayName.trim() === "" && form.touched.has("displayName");
  const modes = [
    { value: "sandbox", label: t("words:sandbox") },
    { value: "production", label: t("words:production") },
  ];
  return (
    <Card>
      <Title order={2} mb="md">
        {t("basics")}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t("displayName")}
          description={t("displayNameHelp")}
          maxLength={120}
          value={form.displayName}
          onChange={(event) => form.setDisplayName(event.currentTarget.value)}
          onBlur={() => form.touch("displayName")}
          error={form.refused.displayName ?? (isMissing ? t("common:required") : null)}
        />
        <div>
          <Text fz="sm" fw={600} id="environment">
            {t("environment")}
          </Text>
          <Text fz="xs" c="dimmed" mb={5}>
            {t(form.testMode ? "sandboxHelp" : "productionHelp")}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="environment"
            data={modes}
            value={form.testMode ? "sandbox" : "production"}
            onChange={(mode) => form.setTestMode(mode === "sandbox")}
          />
        </div>
      </SimpleGrid>
    </Card>
  );
}

interface CredentialsProps extends Props {
  /** For an outlet's: whether the partner has an account to use. */
  readonly inheritable?: boolean;
  readonly onReveal?: (() => Promise<void>) | undefined;
}

export function CredentialsSection({ provider, form, inheritable = false, onReveal }: CredentialsProps) {
  const { t } = useTranslation("integration-form");
  return (
    <Card>
      <Title order={2} mb="md">
        {t("credentials")}
      </Title>
      <Stack>
        {inheritable || form.usePartnerConfig ? (
          <Switch
            label={t("inherit")}
            description={t("inheritHelp")}
            checked={form.usePartnerConfig}
            onChange={(event) => form.setUsePartnerConfig(event.currentTarget.checked)}
            error={form.refused.usePartnerConfig}
          />
        ) : null}
        {form.usePartnerConfig ? null : (
          <>
            <Alert
              variant="light"
              color="nila"
              icon={<IconKey aria-hidden />}
              title={t("where", { provider: provider.label })}
              styles={{ message: { color: "var(--mantine-color-text)" } }}
            >
              {provider.credentialsHelp}
            </Alert>
            {form.fields.map((field) => (
              <ConfigurationField key={field.name} field={field} form={form} onReveal={onReveal} />
            ))}
          </>
        )}
      </Stack>
    </Card>
  );
}

export function SettingsSection({ provider, form }: Props) {
  const { t } = useTranslation("integration-form");
  const [opened, { toggle }] = useDisclosure(Object.keys(form.refused).some((path) => path.startsWith("settings.")));
  const { settings, setSettings, refused } = form;
  const number = (value: string | number) => (typeof value === "number" ? value : Number.parseInt(value, 10) || 0);
  return (
    <Card>
      <UnstyledButton onClick={toggle} aria-expanded={opened} style={{ display: "flex", alignItems: "center", gap: 8 }}>
        {opened ? <IconChevronDown size={18} aria-hidden /> : <IconChevronRight size={18} aria-hidden />}
        <Title order={2}>{t("settings")}</Title>
      </UnstyledButton>
      <Collapse expanded={opened}>
        <Stack mt="md">
          {provider.integrationType === "payment_gateway" ? (
            <Switch
              label={t("confirm")}
              description={t("confirmHelp")}
              checked={settings.confirmNotifications}
              onChange={(event) => setSettings({ ...settings, confirmNotifications: event.currentTarget.checked })}
            />
          ) : null}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberInput
              label={t("interval")}
              description={t("intervalHelp")}
              min={1}
              max={1440}
              allowDecimal={false}
              value={settings.testIntervalMinutes}
              onChange={(value) => setSettings({ ...settings, testIntervalMinutes: number(value) })}
              error={refused["settings.testIntervalMinutes"]}
            />
            <NumberInput
              label={t("latency")}
              description={t("latencyHelp")}
              min={50}
              max={60_000}
              step={100}
              allowDecimal={false}
              suffix=" ms"
              value={settings.latencyTargetMs}
              onChange={(value) => setSettings({ ...settings, latencyTargetMs: number(value) })}
              error={refused["settings.latencyTargetMs"]}
            />
          </SimpleGrid>
        </Stack>
      </Collapse>
    </Card>
  );
}

/** A key of the other environment, with the way out. */
export function MismatchAlert({
  message,
  testMode,
  onSwitch,
  busy = false,
}: {
  message?: string;
  testMode: boolean;
  onSwitch: () => void;
  busy?: boolean;
}) {
  const { t } = useTranslation(["integration-form", "words"]);
  return (
    <Alert role="alert" variant="outline" color="yellow" title={t("mismatch")} styles={{ title: { color: "var(--tone-warning-text)" } }}>
      {message ? (
        <Text fz="sm" mb="sm" c="var(--mantine-color-text)">
          {message}
        </Text>
      ) : null}
      <Button size="xs" variant="default" loading={busy} onClick={onSwitch}>
        {t("switchTo", { mode: t(testMode ? "words:production" : "words:sandbox") })}
      </Button>
    </Alert>
  );
}
