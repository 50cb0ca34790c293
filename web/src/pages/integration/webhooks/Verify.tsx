/** The signature debugger: what a receiver got is pasted; the hub says which check fails and where the body differs. */
import { Button, Card, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import { ErrorState } from "~/parts/ErrorState";
import { OutLink } from "~/parts/PageHeader";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCritical, IconHealthy, IconUnknown } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import { type Webhook, jwksPath, useVerify } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { parted, readHeaders, visible } from "./verification";

const CHECKS = ["headers", "timestamp", "signature", "body"] as const;

export function Verify({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const may = useMay("operator");
  const verify = useVerify(webhook.id);
  const [headers, setHeaders] = useState("");
  const [body, setBody] = useState("");
  const read = readHeaders(headers);
  const count = Object.keys(read).length;
  if (!may) return <Text fz="sm" c="dimmed">{t("verify.forOperators")}</Text>;
  return (
    <Card maw={960}>
      <form onSubmit={(event) => { event.preventDefault(); verify.mutate({ headers: read, body }); }} noValidate>
        <Stack>
          <Text fz="sm" c="dimmed">{t("verify.text")} {webhook.publicKey ? <OutLink href={jwksPath(webhook.id)}>{t("jwks")}</OutLink> : null}</Text>
          <Textarea label={t("verify.headers")} description={headers === "" ? t("verify.headersHelp") : t("verify.headersRead", { count })} autosize minRows={4} maxRows={10} spellCheck={false} value={headers} onChange={(event) => setHeaders(event.currentTarget.value)} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }} />
          <Textarea label={t("verify.body")} description={t("verify.bodyHelp")} autosize minRows={5} maxRows={16} spellCheck={false} value={body} onChange={(event) => setBody(event.currentTarget.value)} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }} />
          <Group><Button type="submit" loading={verify.isPending} disabled={count === 0}>{t("verify.action")}</Button></Group>
          {verify.isError ? <ErrorState error={verify.error} /> : null}
          {verify.data ? <Verdict answer={verify.data} /> : null}
        </Stack>
      </form>
    </Card>
  );
}

function Verdict({ answer }: { answer: Schema<"VerifyOut"> }) {
  const { t } = useTranslation("webhooks");
  return (
    <Stack gap="sm" role="status">
      <Group gap="xs"><ToneBadge tone={answer.valid ? "healthy" : "critical"} icon={answer.valid ? IconHealthy : IconCritical}>{t(answer.valid ? "verify.valid" : "verify.invalid")}</ToneBadge></Group>
      {answer.checks.map((check) => {
        const looks = check.passed === true ? { tone: "healthy", icon: IconHealthy, word: "passed" } as const : check.passed === false ? { tone: "critical", icon: IconCritical, word: "failed" } as const : { tone: "unknown", icon: IconUnknown, word: "unjudged" } as const;
        const known = oneOf(check.check, CHECKS);
        return (
          <Group key={check.check} gap="sm" wrap="nowrap" align="flex-start">
            <looks.icon size={18} aria-hidden color={`var(--tone-${looks.tone}-text)`} style={{ flex: "none", marginTop: 2 }} />
            <div style={{ minWidth: 0 }}>
              <Text fz="sm" fw={600}>{known ? t(`verify.check.${known}`) : check.check} <span className="spoken">{t(`verify.${looks.word}`)}</span></Text>
              <Text fz="sm" c={check.passed === false ? "var(--tone-critical-text)" : "dimmed"} className="breaks">{check.message}</Text>
            </div>
          </Group>
        );
      })}
      {answer.difference ? <Difference difference={answer.difference} /> : null}
    </Stack>
  );
}

function Difference({ difference }: { difference: Schema<"DifferenceOut"> }) {
  const { t } = useTranslation("webhooks");
  const { before, sent, received, after } = parted(difference.sent, difference.received);
  const line = (name: string, middle: string, tone: "healthy" | "critical") => (
    <div>
      <Text fz="xs" c="dimmed">{name}</Text>
      <Text ff="monospace" fz="sm" className="breaks">…{before}<mark style={{ background: `var(--tone-${tone}-tint)`, color: `var(--tone-${tone}-text)`, borderRadius: 3, padding: "1px 2px" }}>{visible(middle) || "∅"}</mark>{after}…</Text>
    </div>
  );
  return (
    <Stack gap={6} p="sm" style={{ border: "1px solid var(--line)", borderRadius: 8, background: "var(--surface-sunken)" }}>
      <Title order={3} fz="sm">{t("verify.differs", { offset: difference.offset })}</Title>
      {line(t("verify.sent"), sent, "healthy")}
      {line(t("verify.received"), received, "critical")}
    </Stack>
  );
}
