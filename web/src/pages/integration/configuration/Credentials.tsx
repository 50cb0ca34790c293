/** The provider's members, secrets masked; in clear for an admin who asks, which the hub writes to the log. */
import { Button, Card, Group, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { CopyButton } from "~/parts/CopyButton";
import { Facts } from "~/parts/facts";
import { IconEye, IconEyeOff } from "~/parts/icons";
import { type Integration, type Provider, useReveal } from "~/queries/integrations";
import { useMay } from "~/session/session";

/** The schema's titles, in its order. */
function members(schema: Record<string, unknown>): [string, string][] {
  const properties = typeof schema.properties === "object" && schema.properties !== null ? schema.properties : {};
  return Object.entries(properties).map(([name, member]): [string, string] => {
    const title: unknown = typeof member === "object" && member !== null && "title" in member ? member.title : undefined;
    return [name, typeof title === "string" ? title : name];
  });
}

export function Credentials({ integration, provider }: { integration: Integration; provider: Provider }) {
  const { t } = useTranslation("integration");
  const mayReveal = useMay("admin");
  const reveal = useReveal(integration.id);
  const [asks, setAsks] = useState(false);
  const [clear, setClear] = useState<Record<string, unknown> | null>(null);
  const shown: Record<string, unknown> = clear ?? integration.configuration;
  const confirmed = async () => setClear((await reveal.mutateAsync()).configuration);
  const facts = members(provider.schema).filter(([name]) => shown[name] !== undefined && shown[name] !== null).map(([name, title]) => {
    const value = String(shown[name]);
    return { name: title, value: <Group gap={4} wrap="nowrap"><Text fz="sm" ff="monospace" className="breaks">{value}</Text>{value.includes("••") ? null : <CopyButton value={value} label={t("credentials.copy", { name: title })} />}</Group> };
  });
  return (
    <Card>
      <Group justify="space-between" align="flex-start" mb="sm">
        <Title order={2}>{t("credentials.title")}</Title>
        {mayReveal && clear === null ? <Button size="xs" variant="default" leftSection={<IconEye size={15} aria-hidden />} onClick={() => setAsks(true)}>{t("credentials.reveal")}</Button> : null}
        {clear === null ? null : <Button size="xs" variant="default" leftSection={<IconEyeOff size={15} aria-hidden />} onClick={() => setClear(null)}>{t("credentials.hide")}</Button>}
      </Group>
      {integration.usePartnerConfig ? <Text fz="sm" c="dimmed" mb="sm">{t("credentials.inherits")}</Text> : null}
      <Facts facts={facts} />
      <ConfirmDialog opened={asks} onClose={() => setAsks(false)} tone="nila" title={t("credentials.revealTitle")} confirm={t("credentials.reveal")} onConfirm={confirmed}>{t("credentials.revealText")}</ConfirmDialog>
    </Card>
  );
}
