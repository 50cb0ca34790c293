/** One entry of the log: what was asked, what came back, what went wrong, and what it leads to. */
import { Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { JsonView } from "~/parts/JsonView";
import { Person } from "~/parts/Person";
import { OutcomeBadge } from "~/parts/StatusBadge";
import { Facts } from "~/parts/facts";
import { ButtonLink } from "~/parts/links";
import type { Log } from "~/queries/logs";
import { linksOf } from "./log-rows";

export function LogDrawer({ log, onClose }: { log: Log | null; onClose: () => void }) {
  const { t } = useTranslation("logs");
  return (
    <Drawer opened={log !== null} onClose={onClose} size="lg" title={<Text fw={650}>{t("entry")}</Text>}>
      {log ? <Entry log={log} /> : null}
    </Drawer>
  );
}

function Entry({ log }: { log: Log }) {
  const { t } = useTranslation(["logs", "words"]);
  const format = useFormat();
  const facts = [
    { name: t("action"), value: t(`logs:actions.${log.action}`) },
    { name: t("at"), value: format.exact(log.createdAt) },
    ...(typeof log.duration === "number" ? [{ name: t("duration"), value: format.duration(log.duration) }] : []),
    ...(log.errorType ? [{ name: t("byError"), value: t(`logs:errorType.${log.errorType}`) }] : []),
    ...(log.userId ? [{ name: t("by"), value: <Person id={log.userId} /> }] : []),
    ...(log.ipAddress ? [{ name: t("address"), value: log.ipAddress }] : []),
    ...(log.userAgent ? [{ name: t("program"), value: log.userAgent }] : []),
  ];
  return (
    <Stack>
      <Group gap="sm" wrap="nowrap" align="flex-start"><OutcomeBadge status={log.status} /><Text fw={600} className="breaks">{log.message}</Text></Group>
      <Facts facts={facts} />
      <Links log={log} />
      {log.errorDetails ? <Part title={t("error")} value={log.errorDetails} /> : null}
      {log.requestData ? <Part title={t("request")} value={log.requestData} /> : null}
      {log.responseData ? <Part title={t("response")} value={log.responseData} /> : null}
    </Stack>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  return <div><Title order={3} mb={6} fz="sm">{title}</Title><JsonView value={value} label={title} /></div>;
}

function Links({ log }: { log: Log }) {
  const { t } = useTranslation("logs");
  const { eventIds, deliveryId, webhookId, notificationId } = linksOf(log);
  const params = { integrationId: log.integrationId };
  if (eventIds.length === 0 && !deliveryId && !webhookId && !notificationId) return null;
  return (
    <Group gap="xs">
      {deliveryId ? <ButtonLink size="xs" variant="light" to="/deliveries/$deliveryId" params={{ deliveryId }}>{t("toDelivery")}</ButtonLink> : null}
      {eventIds.map((eventId, index) => <ButtonLink key={eventId} size="xs" variant="light" to="/integrations/$integrationId/events/$eventId" params={{ ...params, eventId }}>{index === 0 ? t("toEvent") : t("toEventNumber", { number: index + 1 })}</ButtonLink>)}
      {webhookId ? <ButtonLink size="xs" variant="light" to="/integrations/$integrationId/webhooks/$webhookId" params={{ ...params, webhookId }}>{t("toWebhook")}</ButtonLink> : null}
      {notificationId ? <ButtonLink size="xs" variant="light" to="/integrations/$integrationId/events/notifications" params={params}>{t("toNotification")}</ButtonLink> : null}
    </Group>
  );
}
