/** Test · Logs · Webhooks · Edit, and what is rarer. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "~/parts/ConfirmDialog";
import { RowMenu } from "~/parts/RowMenu";
import { IconFlask, IconTrash } from "~/parts/icons";
import { integrationPath } from "~/parts/integration-paths";
import { ButtonLink } from "~/parts/links";
import { useNotices } from "~/parts/notices";
import { type Integration, useDeleteIntegration } from "~/queries/integrations";
import { useMay } from "~/session/session";
import classes from "./partner.module.css";

export function CardActions({ integration, onTest }: { integration: Integration; onTest: () => void }) {
  const { t } = useTranslation(["partner", "common"]);
  const mayTest = useMay("operator");
  const mayChange = useMay("admin");
  const [asks, setAsks] = useState(false);
  const remove = useDeleteIntegration();
  const notices = useNotices();
  const { id, displayName: name } = integration;
  const label = (action: string) => t("of", { action, name });
  const confirmed = async () => {
    await remove.mutateAsync(id);
    notices.done(t("deletedNotice", { name }));
  };
  return (
    <div className={classes.foot}>
      <div className={classes.buttons}>
        {mayTest ? (
          <Button
            size="compact-sm"
            px={7}
            variant="light"
            leftSection={<IconFlask size={15} aria-hidden />}
            onClick={onTest}
            aria-label={t("testIt", { name })}
          >
            {t("test")}
          </Button>
        ) : null}
        <ButtonLink size="compact-sm" px={7} variant="default" to={integrationPath(id, "logs")} aria-label={label(t("logs"))}>
          {t("logs")}
        </ButtonLink>
        <ButtonLink size="compact-sm" px={7} variant="default" to={integrationPath(id, "webhooks")} aria-label={label(t("webhooks"))}>
          {t("webhooks")}
        </ButtonLink>
        {mayChange ? (
          <ButtonLink
            size="compact-sm"
            px={7}
            variant="default"
            to="/integrations/$integrationId/edit"
            params={{ integrationId: id }}
            aria-label={label(t("common:edit"))}
          >
            {t("common:edit")}
          </ButtonLink>
        ) : null}
      </div>
      {mayChange ? (
        <RowMenu
          label={t("moreOfIntegration", { name })}
          actions={[{ icon: IconTrash, text: t("common:delete"), act: () => setAsks(true), destroys: true }]}
        />
      ) : null}
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={t("deleteTitle", { name })}
        confirm={t("deleteConfirm")}
        onConfirm={confirmed}
      >
        {t("deleteText")}
      </ConfirmDialog>
    </div>
  );
}
