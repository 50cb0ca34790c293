/** What a rule would tell now, as its receivers would read it. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schema } from "~/api/client";
import type { AlertMessage } from "~/queries/alerts";

export function Preview({ preview }: { preview: Schema<"AlertRulePreviewOut"> }) {
  const { t } = useTranslation("alerts");
  return (
    <div role="status">
      <Text fz="sm" fw={600} mb={4}>{preview.message ? t("rule.wouldTell", { count: preview.count }) : t("rule.nothingToTell")}</Text>
      {preview.message ? <Message message={preview.message} /> : null}
    </div>
  );
}

/** A message in its own language. */
export function Message({ message }: { message: AlertMessage }) {
  return (
    <div lang={message.language} style={{ background: "var(--surface-sunken)", border: "1px solid var(--line)", borderRadius: 8, padding: 12 }}>
      <Text fz="sm" fw={600} className="breaks">{message.title}</Text>
      {message.text === message.title ? null : <Text fz="sm" className="breaks" style={{ whiteSpace: "pre-wrap" }}>{message.text}</Text>}
    </div>
  );
}
