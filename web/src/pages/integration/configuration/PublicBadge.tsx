/** The public status badge: made, copied and taken away by an admin. */
import { Button, Card, Group, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { CopyField } from "~/parts/CopyButton";
import { Loaded } from "~/parts/Loaded";
import { IconPlus, IconRefresh, IconTrash } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { badgeQuery, useMakeBadge, useRemoveBadge } from "~/queries/integration-health";
import { useMay } from "~/session/session";

export function PublicBadge({ integrationId }: { integrationId: string }) {
  return useMay("admin") ? <Managed integrationId={integrationId} /> : null;
}

function Managed({ integrationId }: { integrationId: string }) {
  const { t, i18n } = useTranslation("integration-health");
  const query = useQuery(badgeQuery(integrationId));
  const make = useMakeBadge(integrationId);
  const remove = useRemoveBadge(integrationId);
  const notices = useNotices();
  const [asks, setAsks] = useState<"renew" | "remove" | null>(null);
  const close = () => setAsks(null);
  const create = () => make.mutate(undefined, { onSuccess: () => notices.done(t("badge.created")), onError: (error) => notices.failed(error) });
  const renewed = async () => {
    await make.mutateAsync();
    notices.done(t("badge.created"));
  };
  const removed = async () => {
    await remove.mutateAsync();
    notices.done(t("badge.removed"));
  };
  return (
    <Card>
      <Title order={2}>{t("badge.title")}</Title>
      <Text fz="sm" c="dimmed" mb="sm">{t("badge.text")}</Text>
      <Loaded query={query} skeleton={<Skeleton h={36} />}>
        {(badge) => badge === null ? (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} loading={make.isPending} onClick={create}>{t("badge.create")}</Button>
        ) : (
          <>
            <CopyField value={badge.url} label={t("badge.copy")} />
            <Group justify="space-between" gap="sm" mt="sm" mih={30}>
              <img src={`${new URL(badge.url).pathname}?lang=${i18n.language === "id" ? "id" : "en"}`} alt={t("badge.picture")} height={20} style={{ maxWidth: "100%" }} />
              <Group gap="xs">
                <Button size="xs" variant="default" leftSection={<IconRefresh size={15} aria-hidden />} onClick={() => setAsks("renew")}>{t("badge.renew")}</Button>
                <Button size="xs" variant="default" c="var(--tone-critical-text)" leftSection={<IconTrash size={15} aria-hidden />} onClick={() => setAsks("remove")}>{t("badge.remove")}</Button>
              </Group>
            </Group>
          </>
        )}
      </Loaded>
      <ConfirmDialog opened={asks === "renew"} onClose={close} title={t("badge.renewTitle")} confirm={t("badge.renew")} onConfirm={renewed}>{t("badge.renewText")}</ConfirmDialog>
      <ConfirmDialog opened={asks === "remove"} onClose={close} title={t("badge.removeTitle")} confirm={t("badge.remove")} onConfirm={removed}>{t("badge.removeText")}</ConfirmDialog>
    </Card>
  );
}
