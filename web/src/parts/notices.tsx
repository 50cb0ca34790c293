/** Short messages in the corner: what was done, with a way to undo it, or what failed. */
import { Button, Group, Text } from "@mantine/core";
import { hideNotification, showNotification } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useErrorText } from "./error-text";
import { IconCheck, IconCritical } from "./icons";

/** Names each message, so that it can be taken away again. */
let count = 0;

/** Says it in the corner. A failure stays longer than a success; with `undo` the reader has eight seconds. */
export function useNotices() {
  const { t } = useTranslation();
  const say = useErrorText();
  return {
    done(message: string, undo?: () => void) {
      count += 1;
      const id = `notice-${count}`;
      const back = () => {
        hideNotification(id);
        undo?.();
      };
      showNotification({
        id,
        color: "green",
        icon: <IconCheck size={18} aria-hidden />,
        autoClose: undo ? 8_000 : 4_000,
        message: undo ? (
          <Group justify="space-between" wrap="nowrap"><Text fz="sm">{message}</Text><Button size="compact-sm" variant="subtle" onClick={back}>{t("undo")}</Button></Group>
        ) : message,
      });
    },
    failed(error: unknown, title?: string) {
      showNotification({ color: "red", icon: <IconCritical size={18} aria-hidden />, autoClose: 10_000, title: title ?? t("errors.title"), message: say(error), role: "alert" });
    },
  };
}
