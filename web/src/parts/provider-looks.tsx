/** How kinds of integration look. */
import { ThemeIcon } from "@mantine/core";
import { type Icon, IconCreditCard, IconMail, IconMessage } from "./icons";
import type { IntegrationType } from "./integration-types";

export const TYPE_ICONS: Record<IntegrationType, Icon> = { payment_gateway: IconCreditCard, whatsapp: IconMessage, email_smtp: IconMail };

/** Beside an integration's name. */
export function TypeIcon({ type, size = 36 }: { type: IntegrationType; size?: number }) {
  const Icon = TYPE_ICONS[type];
  return <ThemeIcon variant="light" size={size} radius="md" aria-hidden><Icon size={size * 0.55} stroke={1.7} /></ThemeIcon>;
}
