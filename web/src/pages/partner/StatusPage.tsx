/** The partner's public status page: opened, told what to show, copied, given a new address, or closed. */
import { Button, Card, Group, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { CopyField } from "~/parts/CopyButton";
import { Loaded } from "~/parts/Loaded";
import { OutLink } from "~/parts/PageHeader";
import { useNotices } from "~/parts/notices";
import { partnerIntegrationsQuery } from "~/queries/integrations";
import type { Partner } from "~/queries/partners";
import { type StatusPage as Page, statusPageQuery, useCloseStatusPage, useSetStatusPage } from "~/queries/status-page";
import { useMay } from "~/session/session";
import { StatusPageContent } from "./StatusPageContent";

export function StatusPage({ partner }: { partner: Partner }) {
  const { t } = useTranslation("status-page");
  const query = useQuery(statusPageQuery(partner.id));
  return (
    <section aria-labelledby="status-page">
      <Title order={2} id="status-page">{t("title")}</Title>
      <Text fz="sm" c="dimmed" mb="sm" maw={640}>{t("description")}</Text>
      <Card>
        <Loaded query={query} skeleton={<Skeleton h={36} />}>
          {(page) => (page ? <Opened partner={partner} page={page} /> : <Closed partner={partner} />)}
        </Loaded>
      </Card>
    </section>
  );
}

function Closed({ partner }: { partner: Partner }) {
  const { t } = useTranslation("status-page");
  const may = useMay("admin");
  const set = useSetStatusPage(partner.id);
  const notices = useNotices();
  const open = () => set.mutate({}, { onSuccess: () => notices.done(t("openedNotice")), onError: (error) => notices.failed(error) });
  return (
    <Group justify="space-between">
      <Text fz="sm">{t("none")}</Text>
      {may ? <Button variant="default" loading={set.isPending} onClick={open}>{t("open")}</Button> : null}
    </Group>
  );
}

function Opened({ partner, page }: { partner: Partner; page: Page }) {
  const { t } = useTranslation("status-page");
  const may = useMay("admin");
  const set = useSetStatusPage(partner.id);
  const close = useCloseStatusPage(partner.id);
  const notices = useNotices();
  const [asks, setAsks] = useState<"close" | "rotate" | null>(null);
  const { data: integrations } = useQuery(partnerIntegrationsQuery(partner.id));
  // The page keeps the ids of those that were deleted since, and does not show them.
  const chosen = page.integrationIds?.filter((id) => integrations?.some((one) => one.id === id) ?? true);
  const confirmed = async () => {
    if (asks === "close") await close.mutateAsync();
    else await set.mutateAsync({ rotate: true });
    notices.done(t(asks === "close" ? "closedNotice" : "rotatedNotice"));
  };
  return (
    <Stack gap="sm">
      <CopyField value={page.url} label={t("copy")} />
      <Group gap="xs" fz="sm">
        <Text fz="sm" c="dimmed" role="status">{chosen ? t("some", { count: chosen.length }) : t("all")}</Text>
        <OutLink href={page.url}>{t("look")}</OutLink>
      </Group>
      {may ? <StatusPageContent partnerId={partner.id} page={page} /> : null}
      {may ? (
        <Group justify="space-between">
          <Switch label={t("incidents")} checked={page.showIncidents} disabled={set.isPending} onChange={(event) => set.mutate({ showIncidents: event.currentTarget.checked }, { onError: (error) => notices.failed(error) })} />
          <Group gap="xs">
            <Button variant="default" onClick={() => setAsks("rotate")}>{t("rotate")}</Button>
            <Button variant="default" c="var(--tone-critical-text)" onClick={() => setAsks("close")}>{t("close")}</Button>
          </Group>
        </Group>
      ) : null}
      {asks ? (
        <ConfirmDialog opened onClose={() => setAsks(null)} title={t(asks === "close" ? "closeTitle" : "rotateTitle", { name: partner.name })} confirm={t(asks)} onConfirm={confirmed}>
          {t(asks === "close" ? "closeText" : "rotateText")}
        </ConfirmDialog>
      ) : null}
    </Stack>
  );
}
