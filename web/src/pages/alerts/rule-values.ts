/** A rule as its form holds it, and as the hub takes it. */
import type { AlertRule, AlertRuleInput } from "~/queries/alerts";
import type { Language } from "~/language/choice";

export interface RuleValues {
  readonly name: string;
  readonly isActive: boolean;
  readonly partnerId: string | null;
  readonly minimumSeverity: string;
  readonly kinds: string[];
  readonly partnerIds: string[];
  readonly providers: string[];
  readonly channelIds: string[];
  /** Minutes; nought tells once. */
  readonly repeatMinutes: number;
  readonly notifyResolved: boolean;
  readonly groupSeconds: number;
  readonly language: string;
  readonly isQuiet: boolean;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly quietZone: string;
  readonly allowCritical: boolean;
}

export function ruleValuesOf(rule: AlertRule | undefined, language: Language, zone: string): RuleValues {
  const quiet = rule?.quietHours;
  return {
    name: rule?.name ?? "",
    isActive: rule?.isActive ?? true,
    partnerId: rule?.partnerId ?? null,
    minimumSeverity: rule?.minimumSeverity ?? "warning",
    kinds: rule?.kinds ?? [],
    partnerIds: rule?.partnerIds ?? [],
    providers: rule?.providers ?? [],
    channelIds: rule?.channelIds ?? [],
    repeatMinutes: rule?.repeatMinutes ?? 0,
    notifyResolved: rule?.notifyResolved ?? true,
    groupSeconds: rule?.groupSeconds ?? 60,
    language: rule?.language ?? language,
    isQuiet: Boolean(quiet),
    quietFrom: quiet?.from ?? "22:00",
    quietTo: quiet?.to ?? "06:00",
    quietZone: quiet?.timeZone ?? zone,
    allowCritical: quiet?.allowCritical ?? true,
  };
}

export function ruleInputOf(values: RuleValues): AlertRuleInput {
  const { isQuiet, quietFrom, quietTo, quietZone, allowCritical, repeatMinutes, ...rest } = values;
  return {
    ...rest,
    name: rest.name.trim(),
    repeatMinutes: repeatMinutes === 0 ? null : repeatMinutes,
    quietHours: isQuiet ? { from: quietFrom, to: quietTo, timeZone: quietZone, allowCritical } : null,
  };
}
