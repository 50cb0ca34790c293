/** The state of the form: mode, name, configuration, settings, and what is wrong with each. */
import { useMemo, useState } from "react";
import { fieldErrors } from "~/parts/field-errors";
import type { Integration, Provider } from "~/queries/integrations";
import { type FormField, type Values, changesOf, configurationOf, fieldsOf, problemOf, startValues } from "./schema-form";

export interface Settings {
  readonly confirmNotifications: boolean;
  readonly testIntervalMinutes: number;
  readonly latencyTargetMs: number;
}

export interface IntegrationForm {
  readonly fields: readonly FormField[];
  readonly values: Values;
  readonly start: Values;
  readonly displayName: string;
  readonly testMode: boolean;
  readonly usePartnerConfig: boolean;
  readonly settings: Settings;
  /** What the hub said, by path; cleared for a field as it is typed in. */
  readonly refused: Readonly<Record<string, string>>;
  /** Fields that were left once, or all after an attempt to save: their problems show. */
  readonly touched: ReadonlySet<string>;
  readonly isValid: boolean;
  readonly setValue: (name: string, value: string) => void;
  readonly setValues: (values: Values) => void;
  readonly setDisplayName: (name: string) => void;
  readonly setTestMode: (testMode: boolean) => void;
  readonly setUsePartnerConfig: (use: boolean) => void;
  readonly setSettings: (settings: Settings) => void;
  readonly touch: (name: string) => void;
  readonly touchAll: () => void;
  readonly refuse: (error: unknown) => void;
  readonly configuration: () => Record<string, string | number>;
  readonly changes: () => Record<string, string | number | null>;
}

/** What a new integration starts with; the hub's own defaults. */
export function defaultSettings(provider: Provider): Settings {
  const latencyTargetMs = { payment_gateway: 2_000, whatsapp: 3_000, email_smtp: 5_000 }[provider.integrationType];
  return { confirmNotifications: provider.confirmsNotifications, testIntervalMinutes: 5, latencyTargetMs };
}

export function useIntegrationForm(provider: Provider, integration?: Integration): IntegrationForm {
  const fields = useMemo(() => fieldsOf(provider.schema), [provider]);
  const [start] = useState(() => startValues(fields, integration?.configuration));
  const [values, setValues] = useState(start);
  const [displayName, setDisplayName] = useState(integration?.displayName ?? provider.label);
  const [testMode, setTestMode] = useState(integration?.testMode ?? true);
  const [usePartnerConfig, setUsePartnerConfig] = useState(integration?.usePartnerConfig ?? false);
  const [settings, setSettings] = useState<Settings>(integration?.settings ?? defaultSettings(provider));
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const isSound = usePartnerConfig || fields.every((field) => problemOf(field, values[field.name] ?? "", start[field.name]) === null);
  return {
    fields,
    values,
    start,
    displayName,
    testMode,
    usePartnerConfig,
    settings,
    refused,
    touched,
    isValid: isSound && displayName.trim() !== "",
    setValue(name, value) {
      setValues((before) => ({ ...before, [name]: value }));
      setRefused(({ [`configuration.${name}`]: _, ...others }) => others);
    },
    setValues,
    setDisplayName,
    setTestMode,
    setUsePartnerConfig,
    setSettings,
    touch: (name) => setTouched((before) => new Set([...before, name])),
    touchAll: () => setTouched(new Set([...fields.map((field) => field.name), "displayName"])),
    refuse: (error) => setRefused(fieldErrors(error)),
    configuration: () => configurationOf(fields, values),
    changes: () => changesOf(fields, values, start),
  };
}
