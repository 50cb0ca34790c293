/** Whether what is shown follows the hub by itself. */
import { useTranslation } from "react-i18next";
import type { StreamState } from "~/api/sse";
import { ToneBadge } from "./ToneBadge";
import { IconActivity, IconClock, IconWarning } from "./icons";

const LOOKS = {
  live: { tone: "healthy", icon: IconActivity },
  connecting: { tone: "unknown", icon: IconClock },
  interrupted: { tone: "warning", icon: IconWarning },
} as const;

export function LiveBadge({ state }: { state: StreamState }) {
  const { t } = useTranslation("words");
  return <span role="status"><ToneBadge {...LOOKS[state]} size="sm">{t(`stream.${state}`)}</ToneBadge></span>;
}
