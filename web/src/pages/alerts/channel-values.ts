/** A channel as its form holds it, and what of it each kind takes. */
import type { Schema } from "~/api/client";
import type { AlertChannel, ChannelConfiguration } from "~/queries/alerts";

export const CHANNEL_KINDS = ["email", "webhook", "whatsapp", "slack", "telegram"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];
export const ENCRYPTIONS = ["starttls", "tls", "none"] as const;

export interface ChannelValues {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly partnerId: string | null;
  readonly isActive: boolean;
  readonly fallbackChannelId: string | null;
  /** An e-mail goes through an integration of Simpul's, or a mail server of its own. */
  readonly through: "integration" | "server";
  readonly integrationId: string | null;
  readonly recipients: string[];
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly encryption: string;
  readonly fromEmail: string;
  readonly url: string;
  readonly secret: string;
  readonly botToken: string;
  readonly chatId: string;
}

export function valuesOf(channel?: AlertChannel): ChannelValues {
  const set = channel?.configuration ?? {};
  return {
    name: channel?.name ?? "",
    kind: CHANNEL_KINDS.find((kind) => kind === channel?.kind) ?? "email",
    partnerId: channel?.partnerId ?? null,
    isActive: channel?.isActive ?? true,
    fallbackChannelId: channel?.fallbackChannelId ?? null,
    through: set.host ? "server" : "integration",
    integrationId: set.integrationId ?? null,
    recipients: set.recipients ?? [],
    host: set.host ?? "",
    port: set.port ?? 587,
    username: set.username ?? "",
    password: set.password ?? "",
    encryption: set.encryption ?? "starttls",
    fromEmail: set.fromEmail ?? "",
    url: set.url ?? "",
    secret: set.secret ?? "",
    botToken: set.botToken ?? "",
    chatId: set.chatId ?? "",
  };
}

/** What the kind is set up with; `null` takes away what an earlier choice left. */
export function configurationOf(values: ChannelValues): ChannelConfiguration {
  const text = (value: string) => value.trim() || null;
  const { recipients } = values;
  switch (values.kind) {
    case "email": {
      const fromEmail = text(values.fromEmail);
      const none = { host: null, port: null, username: null, password: null, encryption: null };
      if (values.through === "integration") return { recipients, integrationId: values.integrationId, fromEmail: null, ...none };
      const { port, encryption } = values;
      return { recipients, integrationId: null, fromEmail, host: text(values.host), port, username: text(values.username), password: values.password || null, encryption };
    }
    case "whatsapp":
      return { recipients, integrationId: values.integrationId };
    case "webhook":
      // An absent secret is made by the hub, or stays.
      return values.secret.trim() === "" ? { url: text(values.url) } : { url: text(values.url), secret: values.secret.trim() };
    case "slack":
      return { url: text(values.url) };
    case "telegram":
      return { botToken: text(values.botToken), chatId: text(values.chatId) };
  }
}

export function creationOf(values: ChannelValues): Schema<"AlertChannelIn"> {
  const { name, kind, partnerId, isActive, fallbackChannelId } = values;
  // A new channel has nothing to take away.
  const given = Object.fromEntries(Object.entries(configurationOf(values)).filter(([, value]) => value !== null));
  return { name: name.trim(), kind, partnerId, isActive, fallbackChannelId, configuration: given };
}

export function changeOf(values: ChannelValues): Schema<"AlertChannelPatch"> {
  const { name, isActive, fallbackChannelId } = values;
  return { name: name.trim(), isActive, fallbackChannelId, configuration: configurationOf(values) };
}

/** Where its messages go, in a word or two; `null` where that is a secret. */
export function destinationOf({ kind, configuration }: Pick<AlertChannel, "kind" | "configuration">): string | null {
  if (kind === "email" || kind === "whatsapp") return configuration.recipients?.join(", ") ?? null;
  if (kind === "telegram") return configuration.chatId ?? null;
  return configuration.url ?? null;
}
