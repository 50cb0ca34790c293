/** One recommendation: how grave, what was found, what to do, and the button that leads there; it can be put aside. */
import { Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { RelativeTime } from "~/parts/RelativeTime";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconArrowBack, IconChevronDown, IconCritical, IconExternal, IconFlask, IconInfo, IconWarning } from "~/parts/icons";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Recommendation, useBringBack, useSetAside } from "~/queries/integration-health";
import { useMay } from "~/session/session";
import { ERROR_TYPES } from "../logs/log-words";
import { type Way, wayOf } from "./health-figures";
import classes from "./health.module.css";
import { coloured } from "./lines";

const LOOKS = {
  critical: { tone: "critical", icon: IconCritical },
  warning: { tone: "warning", icon: IconWarning },
  info: { tone: "information", icon: IconInfo },
} as const;

interface Props {
  readonly integrationId: string;
  readonly advice: Recommendation;
  readonly onTest: () => void;
}

export function Advice({ integrationId, advice, onTest }: Props) {
  const { t } = useTranslation("integration-health");
  const may = { change: useMay("admin"), test: useMay("operator") };
  const way = wayOf(advice, may);
  const look = LOOKS[advice.severity];
  return (
    <article className={classes.advice} style={coloured(`var(--tone-${look.tone}-solid)`)} data-code={advice.code}>
      <Stack gap={6} align="flex-start">
        <ToneBadge {...look} size="sm">{t(`severity.${advice.severity}`)}</ToneBadge>
        <Text fz="sm" fw={600} className="breaks">{advice.message}</Text>
        <Text fz="sm" className="breaks">{advice.action}</Text>
        <Evidence advice={advice} />
        <Group gap="xs" mt={4}>
          {way ? <WayButton integrationId={integrationId} way={way} onTest={onTest} /> : null}
          {may.test ? <Aside integrationId={integrationId} advice={advice} /> : null}
        </Group>
      </Stack>
    </article>
  );
}

function Evidence({ advice }: { advice: Recommendation }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const { calls, ofCalls, lastError, lastErrorAt } = advice.evidence;
  const counted = typeof calls === "number" && typeof ofCalls === "number" ? t("advice.calls", { calls: format.number(calls), all: format.number(ofCalls) }) : null;
  if (!counted && !lastError && !advice.since && !advice.dismissed) return null;
  return (
    <Text fz="xs" c="dimmed" component="div" className="breaks">
      {advice.since ? <div>{t("advice.since")} <RelativeTime at={advice.since} />{counted ? ` · ${counted}` : ""}</div> : counted ? <div>{counted}</div> : null}
      {lastError ? <div>{t("advice.lastError")} {lastErrorAt ? <><RelativeTime at={lastErrorAt} />: </> : null}{lastError}</div> : null}
      {advice.dismissed ? <div>{advice.dismissedUntil ? t("advice.snoozedUntil", { at: format.dateTime(advice.dismissedUntil) }) : t("advice.untilChange")}</div> : null}
    </Text>
  );
}

function WayButton({ integrationId, way, onTest }: { integrationId: string; way: Way; onTest: () => void }) {
  const { t } = useTranslation("integration-health");
  const params = { integrationId };
  const text = t(`way.${way.kind}`);
  switch (way.kind) {
    case "test": return <Button size="xs" leftSection={<IconFlask size={15} aria-hidden />} onClick={onTest}>{text}</Button>;
    case "edit": return <ButtonLink size="xs" to="/integrations/$integrationId/edit" params={params}>{text}</ButtonLink>;
    case "configuration": return <ButtonLink size="xs" to="/integrations/$integrationId/configuration" params={params}>{text}</ButtonLink>;
    case "webhooks": return <ButtonLink size="xs" to="/integrations/$integrationId/webhooks" params={params}>{text}</ButtonLink>;
    case "webhook": return <ButtonLink size="xs" to="/integrations/$integrationId/webhooks/$webhookId" params={{ integrationId, webhookId: way.webhookId }}>{text}</ButtonLink>;
    case "logs": return <ButtonLink size="xs" to="/integrations/$integrationId/logs" params={params} search={{ status: ["failed"], errorType: ERROR_TYPES.find((one) => one === way.errorType) }}>{text}</ButtonLink>;
    case "provider": return <Button size="xs" component="a" href={way.link} target="_blank" rel="noreferrer" rightSection={<IconExternal size={15} aria-hidden />}>{text}</Button>;
  }
}

const SPANS = [{ name: "day", hours: 24 }, { name: "week", hours: 168 }, { name: "change", hours: null }] as const;

/** Putting aside, with undo in the corner; or bringing back. */
function Aside({ integrationId, advice }: { integrationId: string; advice: Recommendation }) {
  const { t } = useTranslation("integration-health");
  const setAside = useSetAside(integrationId);
  const bringBack = useBringBack(integrationId);
  const notices = useNotices();
  const back = () => bringBack.mutate(advice.code, { onError: (error) => notices.failed(error) });
  if (advice.dismissed) return <Button size="xs" variant="default" leftSection={<IconArrowBack size={15} aria-hidden />} loading={bringBack.isPending} onClick={back}>{t("advice.back")}</Button>;
  // Not by `mutate`'s own callbacks: this component is gone once the list is asked for again.
  async function choose(name: (typeof SPANS)[number]["name"], hours: number | null) {
    try {
      await setAside.mutateAsync({ code: advice.code, hours });
      notices.done(t(`advice.done.${name}`), () => void bringBack.mutateAsync(advice.code).catch((error: unknown) => notices.failed(error)));
    } catch (error) {
      notices.failed(error);
    }
  }
  return (
    <Menu position="bottom-start" width={210}>
      <Menu.Target>
        <Button size="xs" variant="default" loading={setAside.isPending} rightSection={<IconChevronDown size={14} aria-hidden />}>{t("advice.putAside")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SPANS.map(({ name, hours }) => <Menu.Item key={name} onClick={() => void choose(name, hours)}>{t(`advice.for.${name}`)}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}
