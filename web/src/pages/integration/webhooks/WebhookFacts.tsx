/** How a webhook is set, to read. */
import { Card, Code, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { CopyField } from "~/parts/CopyButton";
import { OutLink } from "~/parts/PageHeader";
import { Person } from "~/parts/Person";
import { Facts } from "~/parts/facts";
import { type Webhook, jwksPath } from "~/queries/webhooks";
import { oneOf } from "~/parts/search-parameters";
import { BACKOFFS, ORDERINGS, SCHEMES, STYLES } from "./form/webhook-values";

export function WebhookFacts({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const format = useFormat();
  const seconds = (value: number) => format.duration(value * 1_000);
  const facts = [
    { name: t("form.events"), value: webhook.events.length === 0 ? t("allEvents") : webhook.events.join(", ") },
    { name: t("form.retries"), value: format.number(webhook.retryAttempts) },
    { name: t("form.delay"), value: `${seconds(webhook.retryDelay)} · ${t(`backoff.${oneOf(webhook.backoff, BACKOFFS) ?? "exponential"}`)}` },
    { name: t("form.timeout"), value: seconds(webhook.timeout) },
    { name: t("form.ordering"), value: t(`ordering.${oneOf(webhook.ordering, ORDERINGS) ?? "none"}`) },
    { name: t("form.concurrency"), value: typeof webhook.concurrency === "number" ? format.number(webhook.concurrency) : t("hubs") },
    { name: t("form.rate"), value: typeof webhook.rateLimit === "number" ? format.number(webhook.rateLimit) : t("unlimited") },
    { name: t("form.style"), value: t(`style.${oneOf(webhook.payloadStyle, STYLES) ?? "full"}`) },
    { name: t("form.scheme"), value: t(`scheme.${oneOf(webhook.signatureScheme, SCHEMES) ?? "hmac"}`) },
    { name: t("secret.title"), value: webhook.webhookSecret },
    { name: t("createdAt"), value: <>{format.dateTime(webhook.createdAt)} · <Person id={webhook.createdBy} /></> },
    { name: t("id"), value: webhook.id },
  ];
  const headers = Object.entries(webhook.headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <Card maw={960}>
      <Stack>
        <Facts facts={facts} columns={3} />
        {webhook.publicKey ? (
          <div>
            <Title order={3} fz="sm" mb={4}>{t("publicKey")}</Title>
            <CopyField value={webhook.publicKey} label={t("copyKey")} />
            <Text fz="sm" mt={4}><OutLink href={jwksPath(webhook.id)}>{t("jwks")}</OutLink></Text>
          </div>
        ) : null}
        {[[t("form.filter"), webhook.filter], [t("form.transformation"), webhook.transformation], [t("form.headers"), headers.join("\n")]].map(([title, text]) => (text ? <div key={title}><Title order={3} fz="sm" mb={4}>{title}</Title><Code block className="breaks">{text}</Code></div> : null))}
      </Stack>
    </Card>
  );
}
