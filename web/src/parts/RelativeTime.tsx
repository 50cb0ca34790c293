/** "2 minutes ago", with the exact time on hover and focus. */
import { Tooltip } from "@mantine/core";
import { useFormat } from "~/language/use-format";
import { useNow } from "./now";

interface Props {
  readonly at: string | null | undefined;
  /** Shown where there is no time; a dash unless said. */
  readonly never?: string;
}

export function RelativeTime({ at, never = "–" }: Props) {
  const format = useFormat();
  const now = useNow();
  if (!at) return <span>{never}</span>;
  // The hub's clock may be a little ahead of the reader's: what has just happened is not "in 2 seconds".
  const base = Math.max(now, Math.min(new Date(at).getTime(), now + 15_000));
  return (
    <Tooltip label={format.exact(at)}>
      <time dateTime={at}>{format.relative(at, base)}</time>
    </Tooltip>
  );
}
