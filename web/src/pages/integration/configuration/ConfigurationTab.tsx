/** What an integration works with: credentials (masked), address for notifications, settings; and its end. */
import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { CopyField } from "~/parts/CopyButton";
import { Person } from "~/parts/Person";
import { Facts } from "~/parts/facts";
import { IconEdit, IconInfo, IconRefresh, IconTrash } from "~/parts/icons";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Integration, type Provider, providersQuery, useDeleteIntegration } from "~/queries/integrations";
import { useRotateInbound } from "~/queries/inbound";
import { useMay } from "~/session/session";
import { useIntegration } from "../use-integration";
import { Credentials } from "./Credentials";
import { PublicBadge } from "./PublicBadge";

export function ConfigurationTab() {
  const { t } = useTranslation(["integration", "common"]);
  const integration = useIntegration();
  const providers = useQuery(providersQuery);
  const provider = providers.data?.find((one) => one.slug === integration.provider);
  const mayChange = useMay("admin");
  const [deletes, setDeletes] = useState(false);
  if (!provider) return <Stack><Skeleton h={220} /><Skeleton h={160} /></Stack>;
  return (
    <Stack gap="lg" maw={880}>
      {mayChange ? (
        <Group justify="flex-end" gap="xs">
          <Button variant="default" c="var(--tone-critical-text)" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeletes(true)}>{t("common:delete")}</Button>
          <ButtonLink leftSection={<IconEdit size={16} aria-hidden />} to="/integrations/$integrationId/edit" params={{ integrationId: integration.id }}>{t("common:edit")}</ButtonLink>
        </Group>
      ) : null}
      <Credentials integration={integration} provider={provider} />
      <Inbound integration={integration} provider={provider} />
      <Settings integration={integration} />
      <PublicBadge integrationId={integration.id} />
      <Delete integration={integration} opened={deletes} onClose={() => setDeletes(false)} />
    </Stack>
  );
}

function Inbound({ integration, provider }: { integration: Integration; provider: Provider }) {
  const { t } = useTranslation("integration");
  const mayChange = useMay("admin");
  const [asks, setAsks] = useState(false);
  const rotate = useRotateInbound(integration.id);
  const notices = useNotices();
  if (!provider.sendsNotifications) return null;
  const confirmed = async () => {
    await rotate.mutateAsync();
    notices.done(t("inbound.rotated"));
  };
  return (
    <Card>
      <Group justify="space-between" align="flex-start">
        <Title order={2}>{t("inbound.title")}</Title>
        {mayChange ? <Button size="xs" variant="default" leftSection={<IconRefresh size={15} aria-hidden />} onClick={() => setAsks(true)}>{t("inbound.rotate")}</Button> : null}
      </Group>
      <Text fz="sm" c="dimmed" mb="sm">{t("inbound.text", { provider: provider.label })}</Text>
      <CopyField value={integration.inboundUrl} label={t("inbound.copy")} />
      {provider.notificationsHelp ? <Alert mt="sm" variant="light" color="nila" icon={<IconInfo aria-hidden />} title={t("inbound.where", { provider: provider.label })} styles={{ message: { color: "var(--mantine-color-text)" } }}>{provider.notificationsHelp}</Alert> : null}
      <ConfirmDialog opened={asks} onClose={() => setAsks(false)} title={t("inbound.rotateTitle")} confirm={t("inbound.rotate")} onConfirm={confirmed}>{t("inbound.rotateText", { provider: provider.label })}</ConfirmDialog>
    </Card>
  );
}

function Settings({ integration }: { integration: Integration }) {
  const { t } = useTranslation("integration");
  const format = useFormat();
  const { settings } = integration;
  const facts = [
    ...(integration.integrationType === "payment_gateway" ? [{ name: t("settings.confirm"), value: t(settings.confirmNotifications ? "settings.yes" : "settings.no") }] : []),
    { name: t("settings.interval"), value: format.duration(settings.testIntervalMinutes * 60_000) },
    { name: t("settings.latency"), value: format.duration(settings.latencyTargetMs) },
    { name: t("settings.created"), value: format.dateTime(integration.createdAt) },
    { name: t("settings.changed"), value: <>{format.dateTime(integration.updatedAt)} · <Person id={integration.updatedBy} /></> },
    { name: t("settings.id"), value: integration.id },
  ];
  return <Card><Title order={2} mb="sm">{t("settings.title")}</Title><Facts facts={facts} columns={3} /></Card>;
}

function Delete({ integration, opened, onClose }: { integration: Integration; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("integration");
  const remove = useDeleteIntegration();
  const navigate = useNavigate();
  const notices = useNotices();
  const name = integration.displayName;
  const confirmed = async () => {
    await remove.mutateAsync(integration.id);
    notices.done(t("delete.done", { name }));
    await navigate({ to: "/partners/$partnerId", params: { partnerId: integration.partnerId } });
  };
  return <ConfirmDialog opened={opened} onClose={onClose} typed={name} title={t("delete.title", { name })} confirm={t("delete.confirm")} onConfirm={confirmed}>{t("delete.text")}</ConfirmDialog>;
}
