/** A partner's name for its id, as a link; or what stands for all of them. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { partnerQuery } from "~/queries/partners";
import { TextLink } from "./links";

export function PartnerName({ id }: { id: string | null | undefined }) {
  const { t } = useTranslation();
  const query = useQuery({ ...partnerQuery(id ?? ""), enabled: Boolean(id), staleTime: 60_000 });
  if (!id) return <>{t("allPartners")}</>;
  if (query.data) return <TextLink to="/partners/$partnerId" params={{ partnerId: id }}>{query.data.name}</TextLink>;
  return query.isError ? <>–</> : <Skeleton h={14} w={110} />;
}
