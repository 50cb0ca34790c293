/** What was saved but looks wrong: a key of the other environment, which a switch of mode mends, and everything else. */
import type { Schema } from "~/api/client";

type Warning = Schema<"Warning">;

export function sorted(warnings: readonly Warning[] = []): { mismatches: Warning[]; others: Warning[] } {
  const isMismatch = (warning: Warning) => warning.code === "environment_mismatch";
  return { mismatches: warnings.filter(isMismatch), others: warnings.filter((warning) => !isMismatch(warning)) };
}
