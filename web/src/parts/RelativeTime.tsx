/** "2 minutes ago", with the exact time on hover: the browser's own hint, which costs a table of many rows nothing. */
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
    <time dateTime={at} title={format.exact(at)}>
      {format.relative(at, base)}
    </time>
  );
}
