/** Pausing the scheduled tests for a while, and the notice that they are paused. */
import { Alert, Button, Group, Menu, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { IconChevronDown, IconPause, IconPlay } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { pauseQuery, usePause, useResume } from "~/queries/integration-health";
import { useMay } from "~/session/session";

const HOUR = 3_600_000;
const SPANS = [{ name: "hour", hours: 1 }, { name: "eight", hours: 8 }, { name: "resumed", hours: null }] as const;

export function PauseMenu({ id }: { id: string }) {
  const { t } = useTranslation("integration-health");
  const may = useMay("operator");
  const { data: holds } = useQuery(pauseQuery(id));
  const pause = usePause(id);
  const resume = useResume(id);
  const notices = useNotices();
  if (!may || holds) return null;
  const choose = (hours: number | null) =>
    pause.mutate(hours === null ? {} : { until: new Date(Date.now() + hours * HOUR).toISOString() }, {
      onSuccess: () => notices.done(t("pause.done"), () => resume.mutate(undefined, { onError: (error) => notices.failed(error) })),
      onError: (error) => notices.failed(error),
    });
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <Button size="sm" variant="default" loading={pause.isPending} leftSection={<IconPause size={16} aria-hidden />} rightSection={<IconChevronDown size={15} aria-hidden />}>{t("pause.action")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SPANS.map(({ name, hours }) => <Menu.Item key={name} onClick={() => choose(hours)}>{t(`pause.for.${name}`)}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}

export function PausedNotice({ id }: { id: string }) {
  const { t } = useTranslation("integration-health");
  const format = useFormat();
  const may = useMay("operator");
  const { data: holds } = useQuery({ ...pauseQuery(id), refetchInterval: 60_000 });
  const resume = useResume(id);
  const notices = useNotices();
  if (!holds) return null;
  const again = () => resume.mutate(undefined, { onSuccess: () => notices.done(t("pause.resumed")), onError: (error) => notices.failed(error) });
  return (
    <Alert variant="light" color="yellow" icon={<IconPause aria-hidden />} styles={{ message: { color: "var(--mantine-color-text)" } }}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 240px", minWidth: 0 }}>
          <Text fz="sm">{holds.endsAt ? t("pause.until", { at: format.dateTime(holds.endsAt) }) : t("pause.open")}</Text>
          {holds.reason ? <Text fz="sm" c="dimmed" className="breaks">{holds.reason}</Text> : null}
        </div>
        {may ? <Button size="xs" leftSection={<IconPlay size={15} aria-hidden />} loading={resume.isPending} onClick={again}>{t("pause.resume")}</Button> : null}
      </Group>
    </Alert>
  );
}
