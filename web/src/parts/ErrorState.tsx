/** Something could not be loaded: what to do about it, and a button to try again. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useErrorText } from "./error-text";
import { IconAlert, IconRefresh } from "./icons";

interface Props {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly title?: string;
}

export function ErrorState({ error, onRetry, title }: Props) {
  const { t } = useTranslation();
  const say = useErrorText();
  return (
    <Alert role="alert" variant="outline" color="red" title={title ?? t("errors.title")} icon={<IconAlert aria-hidden />} styles={{ title: { color: "var(--tone-critical-text)" }, root: { background: "var(--surface)", borderColor: "var(--tone-critical-solid)" } }}>
      <Text fz="sm" c="var(--mantine-color-text)">{say(error)}</Text>
      {onRetry ? (
        <Group mt="sm"><Button size="xs" variant="default" leftSection={<IconRefresh size={15} aria-hidden />} onClick={onRetry}>{t("retry")}</Button></Group>
      ) : null}
    </Alert>
  );
}
