/** The fields of a webhook, new or changed. */
import { Button, Card, Group, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Text, TextInput, Textarea, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useIntegration } from "../../use-integration";
import { EventPicker } from "./EventPicker";
import { BACKOFFS, ORDERINGS, SCHEMES, SHOWN, STYLES, type WebhookValues } from "./webhook-values";

interface Props {
  readonly start: WebhookValues;
  readonly isNew: boolean;
  readonly error: unknown;
  readonly busy: boolean;
  readonly onSave: (values: WebhookValues) => void;
  /** A way out. */
  readonly cancel: ReactNode;
  /** Tries filter and transformation, where there is a webhook to try them with. */
  readonly preview?: (values: WebhookValues) => ReactNode;
}

const CODE = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } };

export function WebhookForm({ start, isNew, error, busy, onSave, cancel, preview }: Props) {
  const { t } = useTranslation(["webhooks", "common"]);
  const integration = useIntegration();
  const [values, setValues] = useState(start);
  const set = (part: Partial<WebhookValues>) => setValues((before) => ({ ...before, ...part }));
  const problems = fieldErrors(error);
  const problem = (name: string) => problems[name] ?? Object.entries(problems).find(([field]) => field.startsWith(`${name}.`) || field.startsWith(`${name}[`))?.[1];
  const text = (name: "webhookUrl" | "description" | "webhookSecret" | "headers" | "filter" | "transformation") => ({
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
    error: problem(name),
  });
  const number = (name: "retryAttempts" | "retryDelay" | "timeout", min: number, max: number) => ({ min, max, value: values[name], onChange: (value: string | number) => set({ [name]: Number(value) }), error: problem(name) });
  const optional = (name: "concurrency" | "rateLimit") => ({ min: 1, value: values[name] ?? "", onChange: (value: string | number) => set({ [name]: value === "" ? null : Number(value) }), error: problem(name) });
  const choice = <Word extends string>(words: readonly Word[], label: (word: Word) => string) => words.map((value) => ({ value, label: label(value) }));
  return (
    <form onSubmit={(event) => { event.preventDefault(); onSave(values); }} noValidate>
      <Stack gap="lg" maw={880}>
        <Card>
          <Title order={2} mb="sm">{t("form.where")}</Title>
          <Stack>
            <TextInput type="url" required label={t("url")} description={t("form.urlHelp")} placeholder="https://shop.example/hooks/simpul" data-autofocus {...text("webhookUrl")} />
            <TextInput label={t("form.description")} {...text("description")} />
            {isNew ? <TextInput label={t("secret.title")} description={t("form.secretHelp")} placeholder="whsec_…" autoComplete="off" {...text("webhookSecret")} /> : null}
          </Stack>
        </Card>
        <Card>
          <Title order={2} mb="sm">{t("form.events")}</Title>
          <EventPicker type={integration.integrationType} value={values.events} onChange={(events) => set({ events })} error={problem("events")} />
        </Card>
        <Card>
          <Title order={2} mb="sm">{t("form.delivery")}</Title>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
            <NumberInput label={t("form.retries")} description={t("form.retriesHelp")} {...number("retryAttempts", 0, 20)} />
            <NumberInput label={t("form.delay")} description={t("form.delayHelp")} {...number("retryDelay", 1, 86_400)} />
            <Select label={t("form.backoff")} description={t("form.backoffHelp")} allowDeselect={false} data={choice(BACKOFFS, (word) => t(`backoff.${word}`))} value={values.backoff} onChange={(value) => set({ backoff: value ?? "exponential" })} />
            <NumberInput label={t("form.timeout")} description={t("form.timeoutHelp")} {...number("timeout", 1, 60)} />
            <NumberInput label={t("form.concurrency")} description={t("form.concurrencyHelp")} {...optional("concurrency")} />
            <NumberInput label={t("form.rate")} description={t("form.rateHelp")} {...optional("rateLimit")} />
            <Select label={t("form.ordering")} description={t("form.orderingHelp")} allowDeselect={false} data={choice(ORDERINGS, (word) => t(`ordering.${word}`))} value={values.ordering} onChange={(value) => set({ ordering: value ?? "none" })} />
            <Select label={t("form.scheme")} description={t("form.schemeHelp")} allowDeselect={false} data={choice(SCHEMES, (word) => t(`scheme.${word}`))} value={values.signatureScheme} onChange={(value) => set({ signatureScheme: value ?? "hmac" })} error={problem("signatureScheme")} />
          </SimpleGrid>
          <Textarea mt="md" label={t("form.headers")} description={t("form.headersHelp")} placeholder="x-shop: kopi-senja" autosize minRows={2} maxRows={10} styles={CODE} spellCheck={false} {...text("headers")} />
        </Card>
        <Card>
          <Title order={2} mb="sm">{t("form.content")}</Title>
          <Stack>
            <div>
              <Text fz="sm" fw={500} mb={4}>{t("form.style")}</Text>
              <SegmentedControl aria-label={t("form.style")} data={choice(STYLES, (word) => t(`style.${word}`))} value={values.payloadStyle} onChange={(payloadStyle) => set({ payloadStyle })} />
            </div>
            <Textarea label={t("form.filter")} description={t("form.filterHelp")} placeholder="data.currency == 'IDR' && !testMode" autosize minRows={1} maxRows={8} styles={CODE} spellCheck={false} {...text("filter")} />
            <Textarea label={t("form.transformation")} description={t("form.transformationHelp")} placeholder="{order: .data.orderId, paid: .data.amount}" autosize minRows={2} maxRows={12} styles={CODE} spellCheck={false} {...text("transformation")} />
            {preview?.(values)}
          </Stack>
        </Card>
        {error && !isAllShown(error, SHOWN) ? <ErrorState error={error} /> : null}
        <Group justify="flex-end">{cancel}<Button type="submit" loading={busy}>{t(isNew ? "form.create" : "common:save")}</Button></Group>
      </Stack>
    </form>
  );
}
