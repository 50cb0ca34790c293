/** All Indonesian texts, as one chunk. */
export const files = import.meta.glob<Record<string, unknown>>("./id/*.json", { eager: true, import: "default" });
