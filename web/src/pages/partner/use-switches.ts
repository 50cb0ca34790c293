/** Switches an integration on and off, and between sandbox and production: at once, with a way back. */
import { useTranslation } from "react-i18next";
import { useNotices } from "~/parts/notices";
import { type Integration, useChangeIntegration } from "~/queries/integrations";

export function useSwitches(integration: Integration) {
  const { t } = useTranslation("partner");
  const notices = useNotices();
  const change = useChangeIntegration(integration);
  const name = integration.displayName;

  async function apply(patch: { isActive: boolean } | { testMode: boolean }, said: string, undo?: () => void) {
    try {
      const { warnings } = await change.mutateAsync(patch);
      notices.done(said, undo);
      // Others stood there before, and are shown where the credentials are.
      const about = (warnings ?? []).filter((warning) => "testMode" in patch && warning.code.startsWith("environment"));
      for (const warning of about) notices.warned(t("warningTitle"), warning.message);
    } catch (error) {
      notices.failed(error);
    }
  }

  const active = (isActive: boolean) => t(isActive ? "activated" : "deactivated", { name });
  const mode = (testMode: boolean) => t(testMode ? "toSandbox" : "toProduction", { name });
  return {
    setActive: (isActive: boolean) => apply({ isActive }, active(isActive), () => void apply({ isActive: !isActive }, active(!isActive))),
    setTestMode: (testMode: boolean) => apply({ testMode }, mode(testMode), () => void apply({ testMode: !testMode }, mode(!testMode))),
  };
}
