/** One partner: its integrations as cards, counted by type, and its outlets. */
import { Button, Group, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { NotFound } from "~/parts/NotFound";
import { PageHeader } from "~/parts/PageHeader";
import { PageSkeleton } from "~/parts/PageSkeleton";
import { RowMenu } from "~/parts/RowMenu";
import { ActiveBadge } from "~/parts/StatusBadge";
import { IconEdit, IconPlus, IconTrash } from "~/parts/icons";
import { ButtonLink, TextLink } from "~/parts/links";
import { ApiError } from "~/api/api-error";
import { type Partner, outletsQuery, partnerQuery } from "~/queries/partners";
import { partnerIntegrationsQuery } from "~/queries/integrations";
import { useMay, useMayManagePartners } from "~/session/session";
import { DeletePartner } from "../partners/DeletePartner";
import { PartnerForm } from "../partners/PartnerForm";
import { IntegrationCards } from "./IntegrationCards";
import { Outlets } from "./Outlets";
import { StatusPage } from "./StatusPage";
import { TypeCounts } from "./TypeCounts";
import { partnerRoute } from "./route";

export function PartnerPage() {
  const { partnerId } = partnerRoute.useParams();
  const query = useQuery(partnerQuery(partnerId));
  if (query.data) return <Shown key={partnerId} partner={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFound />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Shown({ partner }: { partner: Partner }) {
  const { t } = useTranslation(["partner", "partners"]);
  const { type } = partnerRoute.useSearch();
  const navigate = useNavigate({ from: "/partners/$partnerId" });
  const mayAdd = useMay("admin");
  const mayManage = useMayManagePartners();
  const [edited, setEdited] = useState<Partner | null>(null);
  const [deleted, setDeleted] = useState<Partner | null>(null);
  const integrations = useQuery({ ...partnerIntegrationsQuery(partner.id), refetchInterval: 20_000 });
  const outlets = useQuery(outletsQuery(partner.id));
  const actions = [
    { icon: IconEdit, text: t("edit"), act: () => setEdited(partner) },
    { icon: IconTrash, text: t("delete"), act: () => setDeleted(partner), destroys: true },
  ];
  const add = mayAdd ? (
    <ButtonLink
      to="/partners/$partnerId/integrations/new"
      params={{ partnerId: partner.id }}
      search={{ type }}
      leftSection={<IconPlus size={16} aria-hidden />}
    >
      {t("add")}
    </ButtonLink>
  ) : null;
  return (
    <Stack gap="xl">
      <div>
        <PageHeader
          title={partner.name}
          crumbs={[
            <TextLink key="partners" to="/partners">
              {t("partners:title")}
            </TextLink>,
          ]}
          aside={<ActiveBadge active={partner.isActive} />}
          actions={
            <>
              {add}
              {mayManage ? <RowMenu label={t("moreOf", { name: partner.name })} actions={actions} /> : null}
            </>
          }
        />
        {integrations.isError && !integrations.data ? (
          <ErrorState error={integrations.error} onRetry={() => void integrations.refetch()} />
        ) : null}
        {integrations.isPending ? (
          <Stack>
            <Skeleton h={76} />
            <Group grow>
              <Skeleton h={236} />
              <Skeleton h={236} visibleFrom="sm" />
              <Skeleton h={236} visibleFrom="lg" />
            </Group>
          </Stack>
        ) : null}
        {integrations.data ? (
          <Stack gap="lg">
            <TypeCounts
              integrations={integrations.data}
              chosen={type}
              onChoose={(chosen) => void navigate({ search: { type: chosen }, replace: true })}
            />
            <IntegrationCards
              partner={partner}
              integrations={integrations.data}
              outlets={outlets.data ?? []}
              type={type}
              add={add}
              all={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  {t("nothing.clear")}
                </Button>
              }
            />
          </Stack>
        ) : null}
      </div>
      <Outlets partner={partner} query={outlets} integrations={integrations.data ?? []} />
      <StatusPage partner={partner} />
      <PartnerForm partner={edited} onClose={() => setEdited(null)} />
      <DeletePartner partner={deleted} onClose={() => setDeleted(null)} onDeleted={() => void navigate({ to: "/partners" })} />
    </Stack>
  );
}
