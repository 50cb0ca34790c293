/** Asks before a webhook goes. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { useNotices } from "~/parts/notices";
import { type Webhook, useDeleteWebhook } from "~/queries/webhooks";

export function DeleteWebhook({ webhook, opened, onClose }: { webhook: Webhook; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("webhooks");
  const remove = useDeleteWebhook(webhook.id);
  const navigate = useNavigate();
  const notices = useNotices();
  const confirmed = async () => {
    await remove.mutateAsync();
    notices.done(t("delete.done"));
    await navigate({ to: "/integrations/$integrationId/webhooks", params: { integrationId: webhook.integrationId } });
  };
  return <ConfirmDialog opened={opened} onClose={onClose} title={t("delete.title")} confirm={t("delete.confirm")} onConfirm={confirmed}>{t("delete.text", { url: webhook.webhookUrl })}</ConfirmDialog>;
}
