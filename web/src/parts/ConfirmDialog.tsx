/** Asks before something is destroyed. Names what goes, and what cannot be brought back. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "./ErrorState";

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What happens. */
  readonly children: ReactNode;
  /** The word on the button: "Delete". */
  readonly confirm: string;
  /** Closes by itself once done; stays open with the error where it fails. */
  readonly onConfirm: () => Promise<unknown>;
  /** To be typed first, for what takes much with it. */
  readonly typed?: string;
  readonly tone?: "red" | "nila";
}

export function ConfirmDialog(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={<Text fw={650}>{props.title}</Text>}>
      <Question {...props} />
    </Modal>
  );
}

function Question({ onClose, children, confirm, onConfirm, typed, tone = "red" }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });

  async function act() {
    setState({ busy: true });
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setState({ busy: false, error });
    }
  }

  return (
    <form onSubmit={(event) => { event.preventDefault(); void act(); }}>
      <Stack>
        <Text fz="sm" component="div">{children}</Text>
        {typed ? <TextInput label={t("confirm.type", { text: typed })} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus autoComplete="off" /> : null}
        {state.error !== undefined ? <ErrorState error={state.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={typed ? undefined : true}>{t("cancel")}</Button>
          <Button type="submit" color={tone === "red" ? "red.8" : "nila"} loading={state.busy} disabled={typed !== undefined && text.trim() !== typed}>{confirm}</Button>
        </Group>
      </Stack>
    </form>
  );
}
