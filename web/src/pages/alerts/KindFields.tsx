/** The fields that one kind of channel takes. */
import { NumberInput, PasswordInput, SegmentedControl, Select, SimpleGrid, Stack, Text, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { IntegrationSelect } from "~/parts/IntegrationSelect";
import type { ChannelValues } from "./channel-values";
import { ENCRYPTIONS } from "./channel-values";

interface Props {
  readonly values: ChannelValues;
  readonly onChange: (part: Partial<ChannelValues>) => void;
  readonly problems: Readonly<Record<string, string>>;
  readonly isNew: boolean;
}

type TextName = "host" | "username" | "password" | "fromEmail" | "url" | "secret" | "botToken" | "chatId";

export function KindFields(props: Props) {
  const { t } = useTranslation("alerts");
  const { values, onChange, problems, isNew } = props;
  const text = (name: TextName) => ({ autoComplete: "off", value: values[name], error: problems[name], onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }) });
  switch (values.kind) {
    case "email":
      return <Email {...props} />;
    case "whatsapp":
      return (
        <>
          <IntegrationSelect required type="whatsapp" partnerId={values.partnerId} label={t("field.whatsapp")} description={t("field.whatsappHelp")} value={values.integrationId} onChange={(integrationId) => onChange({ integrationId })} error={problems.integrationId} />
          <Recipients {...props} label={t("field.numbers")} help={t("field.numbersHelp")} placeholder="+6281234567890" />
        </>
      );
    case "webhook":
      return (
        <>
          <TextInput required type="url" label={t("field.url")} description={t("field.urlHelp")} placeholder="https://ops.example/hooks/simpul" {...text("url")} />
          <TextInput label={t("field.secret")} description={t(isNew ? "field.secretHelp" : "field.secretKept")} placeholder="whsec_…" {...text("secret")} />
        </>
      );
    case "slack":
      return <TextInput required type="url" label={t("field.slack")} description={t("field.slackHelp")} placeholder="https://hooks.slack.com/services/…" {...text("url")} />;
    case "telegram":
      return (
        <>
          <TextInput required label={t("field.botToken")} description={t("field.botTokenHelp")} placeholder="123456:ABC-DEF…" {...text("botToken")} />
          <TextInput required label={t("field.chatId")} description={t("field.chatIdHelp")} placeholder="-1001234567890" {...text("chatId")} />
        </>
      );
  }
}

function Recipients({ values, onChange, problems, label, help, placeholder }: Props & { label: string; help: string; placeholder: string }) {
  const { t } = useTranslation();
  const error = problems.recipients ?? Object.entries(problems).find(([field]) => field.startsWith("recipients["))?.[1];
  return <TagsInput required label={label} description={help} placeholder={values.recipients.length === 0 ? placeholder : ""} maxTags={50} splitChars={[",", ";", " "]} clearButtonProps={{ "aria-label": t("clear") }} value={values.recipients} onChange={(recipients) => onChange({ recipients })} error={error} />;
}

function Email(props: Props) {
  const { t } = useTranslation("alerts");
  const { values, onChange, problems } = props;
  const text = (name: TextName) => ({ autoComplete: "off", value: values[name], error: problems[name], onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }) });
  return (
    <Stack>
      <Recipients {...props} label={t("field.addresses")} help={t("field.addressesHelp")} placeholder="jaga@toko.example" />
      <div>
        <Text fz="sm" fw={600} mb={4} id="through">{t("field.through")}</Text>
        <SegmentedControl fullWidth aria-labelledby="through" data={[{ value: "integration", label: t("field.byIntegration") }, { value: "server", label: t("field.byServer") }]} value={values.through} onChange={(through) => onChange({ through: through === "server" ? "server" : "integration" })} />
      </div>
      {values.through === "integration" ? (
        <IntegrationSelect required type="email_smtp" partnerId={values.partnerId} label={t("field.mail")} description={t("field.mailHelp")} value={values.integrationId} onChange={(integrationId) => onChange({ integrationId })} error={problems.integrationId ?? problems.host} />
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput required label={t("field.host")} placeholder="smtp.example.id" {...text("host")} error={problems.host ?? problems.integrationId} />
          <NumberInput required label={t("field.port")} min={1} max={65_535} value={values.port} onChange={(port) => onChange({ port: Number(port) })} error={problems.port} />
          <TextInput label={t("field.username")} {...text("username")} />
          <PasswordInput label={t("field.password")} {...text("password")} autoComplete="new-password" />
          <Select label={t("field.encryption")} allowDeselect={false} data={ENCRYPTIONS.map((value) => ({ value, label: t(`encryption.${value}`) }))} value={values.encryption} onChange={(encryption) => onChange({ encryption: encryption ?? "starttls" })} error={problems.encryption} />
          <TextInput required type="email" label={t("field.fromEmail")} placeholder="simpul@toko.example" {...text("fromEmail")} />
        </SimpleGrid>
      )}
    </Stack>
  );
}
