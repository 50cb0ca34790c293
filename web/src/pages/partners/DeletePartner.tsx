/** Asks before a partner goes with all that is its own. */
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { useNotices } from "~/parts/notices";
import { type Partner, useDeletePartner } from "~/queries/partners";

interface Props {
  readonly partner: Partner | null;
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeletePartner({ partner, onClose, onDeleted }: Props) {
  const { t } = useTranslation("partners");
  const remove = useDeletePartner();
  const notices = useNotices();
  if (partner === null) return null;
  async function confirm(one: Partner) {
    await remove.mutateAsync(one.id);
    notices.done(t("deletedNotice", { name: one.name }));
    onDeleted?.();
  }
  return (
    <ConfirmDialog opened onClose={onClose} title={t("deleteTitle", { name: partner.name })} confirm={t("deleteConfirm")} typed={partner.name} onConfirm={() => confirm(partner)}>
      {t("deleteText")}
    </ConfirmDialog>
  );
}
