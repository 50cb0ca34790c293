/** What happened in an incident, in order, and a place to write down what was found. */
import { Button, Card, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { IntegrationName } from "~/parts/IntegrationName";
import { Person } from "~/parts/Person";
import { RelativeTime } from "~/parts/RelativeTime";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { type Icon, IconArrowRight, IconCheck, IconHealthy, IconIncident, IconMessageText, IconPlug } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { type IncidentDetail, type IncidentEntry, useAddNote } from "~/queries/incidents";
import { useMay } from "~/session/session";
import type { Tone } from "~/theme";
import classes from "./Timeline.module.css";
import { useCauseText } from "./words";

const LOOKS: Record<IncidentEntry["kind"], { readonly icon: Icon; readonly tone: Tone }> = {
  opened: { icon: IconIncident, tone: "critical" },
  cause_changed: { icon: IconArrowRight, tone: "warning" },
  joined: { icon: IconPlug, tone: "degraded" },
  note: { icon: IconMessageText, tone: "unknown" },
  acknowledged: { icon: IconCheck, tone: "information" },
  closed: { icon: IconHealthy, tone: "healthy" },
};
/** The hub's limit. */
const LONGEST = 2_000;

export function Timeline({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation("incidents");
  const may = useMay("operator");
  return (
    <Card component="section" aria-labelledby="timeline">
      <Title order={2} id="timeline" mb="md">{t("timeline")}</Title>
      <ol className={classes.line}>{incident.entries.map((entry) => <Entry key={entry.id} entry={entry} />)}</ol>
      {may ? <NewNote id={incident.id} /> : null}
    </Card>
  );
}

function Entry({ entry }: { entry: IncidentEntry }) {
  const { t } = useTranslation("incidents");
  const causeText = useCauseText();
  const { icon: Mark, tone } = LOOKS[entry.kind];
  const said = entry.kind === "joined" ? <IntegrationName id={entry.message} /> : entry.kind === "cause_changed" ? causeText(entry.message) : entry.message;
  return (
    <li className={classes.entry}>
      <span className={classes.mark} style={{ color: `var(--tone-${tone}-text)`, background: `var(--tone-${tone}-tint)` }} aria-hidden><Mark size={16} /></span>
      <div style={{ minWidth: 0, flex: 1 }}>
        <Group gap={8} fz="sm">
          <Text span inherit fw={600}>{t(`entry.${entry.kind}`)}</Text>
          <Text span fz="xs" c="dimmed">{entry.author ? <><Person id={entry.author} /> · </> : null}<RelativeTime at={entry.createdAt} /></Text>
        </Group>
        {entry.message ? <Text fz="sm" component="div" className="breaks" style={{ whiteSpace: "pre-wrap" }}>{said}</Text> : null}
      </div>
    </li>
  );
}

function NewNote({ id }: { id: string }) {
  const { t } = useTranslation("incidents");
  const add = useAddNote(id);
  const notices = useNotices();
  const [text, setText] = useState("");
  function send() {
    add.mutate(text.trim(), {
      onSuccess: () => {
        setText("");
        notices.done(t("note.added"));
      },
    });
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (text.trim() !== "") send(); }}>
      <Stack gap="sm" mt="lg">
        {add.isError && !isAllShown(add.error, ["message"]) ? <ErrorState error={add.error} /> : null}
        <Textarea label={t("note.label")} description={t("note.help")} maxLength={LONGEST} autosize minRows={2} maxRows={10} value={text} onChange={(event) => setText(event.currentTarget.value)} error={fieldErrors(add.error).message} />
        <Group justify="flex-end"><Button type="submit" variant="default" disabled={text.trim() === ""} loading={add.isPending}>{t("note.add")}</Button></Group>
      </Stack>
    </form>
  );
}
