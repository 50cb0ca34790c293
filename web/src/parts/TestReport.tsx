/** How a connection test went: its steps one by one, the remedy at the one that failed, and what was found. */
import { Box, Group, Loader, Stack, Text } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import type { TestReport as Report } from "~/queries/integrations";
import type { Tone } from "~/theme";
import { Facts } from "./facts";
import { type Icon, IconCritical, IconHealthy, IconWarning } from "./icons";
import classes from "./TestReport.module.css";
import { STEP_NAMES, type Step, type StepStatus, findings, hintOf, isLimited, stepsOf } from "./test-steps";

const LOOKS: Record<StepStatus, { readonly tone: Tone; readonly icon: Icon }> = {
  passed: { tone: "healthy", icon: IconHealthy },
  warned: { tone: "warning", icon: IconWarning },
  failed: { tone: "critical", icon: IconCritical },
};
/** Milliseconds between two steps. */
const PACE = 220;

/** Shown while the provider is asked. */
export function TestRunning({ provider }: { provider: string }) {
  const { t } = useTranslation("connection-test");
  return (
    <Group gap="sm" role="status" mih={40}>
      <Loader size="sm" />
      <Text fz="sm">{t("running", { provider })}</Text>
    </Group>
  );
}

export function TestReport({ report }: { report: Report }) {
  const { t } = useTranslation("connection-test");
  const format = useFormat();
  const steps = stepsOf(report);
  const still = useReducedMotion(undefined, { getInitialValueInEffect: false });
  const [shown, setShown] = useState(still ? steps.length : Math.min(1, steps.length));
  useEffect(() => {
    if (shown >= steps.length) return;
    const timer = setTimeout(() => setShown(shown + 1), PACE);
    return () => clearTimeout(timer);
  }, [shown, steps.length]);
  const isWhole = shown >= steps.length;
  return (
    <Stack gap="sm">
      <ol className={classes.steps}>
        {steps.slice(0, shown).map((step, index) => (
          <StepLine
            key={`${index} ${step.name}`}
            step={step}
            verdict={report.message}
            hint={step.status === "failed" ? hintOf(report) : null}
          />
        ))}
      </ol>
      {isWhole ? <Verdict report={report} duration={format.duration(report.duration)} /> : null}
      {isWhole && findings(report).length > 0 ? (
        <details className={classes.found}>
          <summary>{t("found")}</summary>
          <Box mt="xs">
            <Facts
              facts={findings(report).map(([name, value]) => ({
                name: words(name),
                value: typeof value === "boolean" ? t(value ? "yes" : "no") : String(value),
              }))}
            />
          </Box>
        </details>
      ) : null}
    </Stack>
  );
}

function StepLine({ step, verdict, hint }: { step: Step; verdict: string; hint: string | null }) {
  const { t } = useTranslation("connection-test");
  const format = useFormat();
  const { tone, icon: Icon } = LOOKS[step.status];
  const known = STEP_NAMES.find((name) => name === step.name);
  // A provider may have a step that these texts do not know yet.
  const name = known === undefined ? words(step.name) : t(`step.${known}`);
  return (
    <li className={classes.step}>
      <Icon size={18} aria-hidden color={`var(--tone-${tone}-text)`} style={{ flex: "none", marginTop: 2 }} />
      <div style={{ minWidth: 0, flex: 1 }}>
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text fz="sm" fw={550}>
            {name} <span className="spoken">{t(`status.${step.status}`)}</span>
          </Text>
          <Text fz="xs" c="dimmed" className="figures">
            {format.duration(step.duration)}
          </Text>
        </Group>
        {/* What the verdict below says is not said twice. */}
        {step.message && step.message !== verdict ? (
          <Text fz="sm" c={step.status === "passed" ? "dimmed" : `var(--tone-${tone}-text)`} className="breaks">
            {step.message}
          </Text>
        ) : null}
        {hint ? (
          <div className={classes.hint}>
            <Text fz="xs" fw={650}>
              {t("remedy")}
            </Text>
            <Text fz="sm" className="breaks">
              {hint}
            </Text>
          </div>
        ) : null}
      </div>
    </li>
  );
}

function Verdict({ report, duration }: { report: Report; duration: string }) {
  const { t } = useTranslation("connection-test");
  const status: StepStatus = report.status !== "success" ? "failed" : isLimited(report) ? "warned" : "passed";
  const { tone, icon: Icon } = LOOKS[status];
  const hint = hintOf(report);
  return (
    <div className={classes.verdict} role="status" style={{ background: `var(--tone-${tone}-tint)`, color: `var(--tone-${tone}-text)` }}>
      <Icon size={20} aria-hidden style={{ flex: "none" }} />
      <div>
        <Text fz="sm" fw={650} className="breaks">
          {report.message}
        </Text>
        {status === "warned" && hint ? (
          <Text fz="sm" className="breaks">
            {hint}
          </Text>
        ) : null}
        <Text fz="xs">{t("took", { duration })}</Text>
      </div>
    </div>
  );
}

/** `certificateExpiresAt` → "Certificate expires at". */
function words(name: string): string {
  const spaced = name
    .replace(/_/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
