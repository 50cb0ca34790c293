/** One notification as it came, why it was refused, and accepting it after all. */
import { Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ErrorState } from "~/parts/ErrorState";
import { JsonView } from "~/parts/JsonView";
import { Person } from "~/parts/Person";
import { Facts } from "~/parts/facts";
import { useNotices } from "~/parts/notices";
import { type Notification, useAcceptNotification } from "~/queries/events";
import { useMay } from "~/session/session";
import { NotificationOutcome } from "./NotificationOutcome";

export function NotificationDrawer({ notification, onClose }: { notification: Notification | null; onClose: () => void }) {
  const { t } = useTranslation("events");
  return (
    <Drawer opened={notification !== null} onClose={onClose} size="lg" title={<Text fw={650}>{t("notifications.one")}</Text>}>
      {notification ? <Shown key={notification.id} notification={notification} /> : null}
    </Drawer>
  );
}

function Shown({ notification }: { notification: Notification }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const mayAccept = useMay("operator");
  const accept = useAcceptNotification();
  const notices = useNotices();
  const facts = [
    { name: t("notifications.at"), value: format.exact(notification.receivedAt) },
    { name: t("notifications.from"), value: notification.remoteAddress ?? "–" },
    ...(notification.acceptedBy ? [{ name: t("notifications.acceptedBy"), value: <Person id={notification.acceptedBy} /> }] : []),
  ];
  return (
    <Stack>
      <Group gap="sm"><NotificationOutcome notification={notification} />{notification.reasonCode ? <Text fz="sm" fw={600}>{t(`reasons.${notification.reasonCode}`)}</Text> : null}</Group>
      {notification.reason ? <Text fz="sm" className="breaks">{notification.reason}</Text> : null}
      <Facts facts={facts} />
      {mayAccept && notification.canAccept ? (
        <div>
          <Text fz="sm" c="dimmed" mb="xs">{t("notifications.acceptHelp")}</Text>
          {accept.isError ? <ErrorState error={accept.error} /> : null}
          <Button mt="xs" loading={accept.isPending} onClick={() => accept.mutate(notification.id, { onSuccess: () => notices.done(t("notifications.accepted")) })}>{t("notifications.accept")}</Button>
        </div>
      ) : null}
      <div><Title order={3} fz="sm" mb={4}>{t("notifications.body")}</Title><JsonView value={notification.body} label={t("notifications.body")} /></div>
      <div><Title order={3} fz="sm" mb={4}>{t("notifications.headers")}</Title><JsonView value={notification.headers} label={t("notifications.headers")} /></div>
    </Stack>
  );
}
