/** One attempt: what was sent, what came back, how long each part took. */
import { Card, Collapse, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import { JsonView } from "~/parts/JsonView";
import { Person } from "~/parts/Person";
import { RelativeTime } from "~/parts/RelativeTime";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { Facts } from "~/parts/facts";
import { IconChevronDown, IconChevronRight } from "~/parts/icons";
import { oneOf } from "~/parts/search-parameters";
import type { Attempt } from "~/queries/deliveries";
import { ERROR_TYPES } from "../integration/logs/log-words";
import { TimingBar } from "./TimingBar";
import { signatureOf } from "./timing";

const TRIGGERS = ["initial", "automatic", "manual"] as const;

export function AttemptCard({ attempt, startsOpen }: { attempt: Attempt; startsOpen: boolean }) {
  const { t } = useTranslation(["deliveries", "logs"]);
  const [open, setOpen] = useState(startsOpen);
  const trigger = oneOf(attempt.trigger, TRIGGERS);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const error = oneOf(attempt.errorType, ERROR_TYPES);
  return (
    <Card component="article" padding="md" aria-label={t("attempt", { number: attempt.number })}>
      <UnstyledButton w="100%" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Group justify="space-between" gap="xs">
          <Group gap="sm">
            <Chevron size={18} aria-hidden />
            <Text fw={600} fz="sm">{t("attempt", { number: attempt.number })}</Text>
            <OutcomeBadge status={attempt.status} size="sm" />
            {attempt.responseStatus ? <Text fz="sm">HTTP {attempt.responseStatus}</Text> : null}
            {error ? <Text fz="sm" c="var(--tone-critical-text)">{t(`logs:errorType.${error}`)}</Text> : null}
          </Group>
          <Text fz="xs" c="dimmed" component="span"><RelativeTime at={attempt.createdAt} /></Text>
        </Group>
      </UnstyledButton>
      <Stack gap="xs" mt="sm">
        {attempt.errorMessage ? <Text fz="sm" c="var(--tone-critical-text)" className="breaks">{attempt.errorMessage}</Text> : null}
        <TimingBar attempt={attempt} />
      </Stack>
      <Collapse expanded={open}>{open ? <Details attempt={attempt} trigger={trigger ? t(`trigger.${trigger}`) : attempt.trigger} /> : null}</Collapse>
    </Card>
  );
}

function Details({ attempt, trigger }: { attempt: Attempt; trigger: string }) {
  const { t } = useTranslation("deliveries");
  const signature = signatureOf(attempt.requestHeaders);
  const facts = [
    { name: t("triggered"), value: attempt.triggeredBy ? <>{trigger} · <Person id={attempt.triggeredBy} /></> : trigger },
    { name: t("remote"), value: attempt.remoteAddress ?? "–" },
  ];
  return (
    <Stack mt="md">
      <Facts facts={facts} />
      {signature ? <div><Title order={4} fz="sm" mb={4}>{t("signature")}</Title><CopyField value={signature} label={t("copySignature")} /></div> : null}
      <div><Title order={4} fz="sm" mb={4}>{t("requestHeaders")}</Title><JsonView value={attempt.requestHeaders} label={t("requestHeaders")} /></div>
      {attempt.responseHeaders ? <div><Title order={4} fz="sm" mb={4}>{t("responseHeaders")}</Title><JsonView value={attempt.responseHeaders} label={t("responseHeaders")} /></div> : null}
      {attempt.responseBody ? <div><Title order={4} fz="sm" mb={4}>{t("responseBody")}</Title><JsonView value={attempt.responseBody} label={t("responseBody")} /></div> : null}
    </Stack>
  );
}
