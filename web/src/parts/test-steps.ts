/** Reads what a connection test did, step by step, out of its details. */
import type { Schema } from "~/api/client";

export const STEP_STATUSES = ["passed", "warned", "failed"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** The steps that the texts name. */
export const STEP_NAMES = [
  "format",
  "environment",
  "dns",
  "tcp",
  "connect",
  "banner",
  "ehlo",
  "tls",
  "authentication",
  "permission",
  "account",
  "device",
  "quit",
] as const;

export interface Step {
  readonly name: string;
  readonly status: StepStatus;
  /** Milliseconds. */
  readonly duration: number;
  readonly message: string | null;
}

/** Members of `details` that are shown in their own way. */
const OWN = new Set(["steps", "step", "hint", "limited"]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The steps in their order; what cannot be read is left out. */
export function stepsOf(report: Schema<"TestOut">): Step[] {
  const { steps } = report.details;
  if (!Array.isArray(steps)) return [];
  return steps.filter(isRecord).flatMap((step): Step[] => {
    const status = STEP_STATUSES.find((known) => known === step.status);
    if (typeof step.name !== "string" || status === undefined) return [];
    const duration = typeof step.duration === "number" ? step.duration : 0;
    return [{ name: step.name, status, duration, message: typeof step.message === "string" ? step.message : null }];
  });
}

/** The remedy, where the test gives one. */
export function hintOf(report: Schema<"TestOut">): string | null {
  return typeof report.details.hint === "string" ? report.details.hint : null;
}

/** Genuine, but without the permission to make the test call. */
export function isLimited(report: Schema<"TestOut">): boolean {
  return report.status === "success" && report.details.limited === true;
}

/** What else the test found: environment, balance, device, certificate. Lists are joined; objects are left to the log. */
export function findings(report: Schema<"TestOut">): [string, string | number | boolean][] {
  return Object.entries(report.details).flatMap(([name, value]): [string, string | number | boolean][] => {
    if (OWN.has(name)) return [];
    if (Array.isArray(value)) return [[name, value.map(String).join(", ")]];
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[name, value]] : [];
  });
}
