/** Changes a webhook; what filter and transformation would do can be tried before it is saved. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Loaded } from "~/parts/Loaded";
import { NotFound } from "~/parts/NotFound";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type WebhookDetail, useChangeWebhook, webhookQuery } from "~/queries/webhooks";
import { useMay } from "~/session/session";
import { editWebhookRoute } from "../route";
import { Preview } from "./Preview";
import { WebhookForm } from "./WebhookForm";
import { changeOf, valuesOf } from "./webhook-values";

export function EditWebhook() {
  const { webhookId } = editWebhookRoute.useParams();
  const may = useMay("admin");
  const query = useQuery(webhookQuery(webhookId));
  if (!may) return <NotFound />;
  return <Loaded query={query} skeleton={<Skeleton h={520} maw={880} />}>{(webhook) => <Edit key={webhookId} webhook={webhook} />}</Loaded>;
}

function Edit({ webhook }: { webhook: WebhookDetail }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const change = useChangeWebhook(webhook.id);
  const navigate = useNavigate();
  const notices = useNotices();
  const to = { to: "/integrations/$integrationId/webhooks/$webhookId", params: { integrationId: webhook.integrationId, webhookId: webhook.id } } as const;
  return (
    <WebhookForm
      isNew={false}
      start={valuesOf(webhook)}
      error={change.error}
      busy={change.isPending}
      onSave={(values) => change.mutate(changeOf(values), { onSuccess: () => { notices.done(t("saved")); void navigate(to); } })}
      cancel={<ButtonLink variant="default" {...to}>{t("common:cancel")}</ButtonLink>}
      preview={(values) => <Preview id={webhook.id} values={values} />}
    />
  );
}
