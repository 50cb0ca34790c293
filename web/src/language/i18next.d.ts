/** Makes every key a checked type: `t("partners:title")` does not compile unless the English file has it. */
import "i18next";
import type alerts from "./en/alerts.json";
import type apiKeys from "./en/api-keys.json";
import type common from "./en/common.json";
import type connectionTest from "./en/connection-test.json";
import type deliveries from "./en/deliveries.json";
import type events from "./en/events.json";
import type guide from "./en/guide.json";
import type incidents from "./en/incidents.json";
import type integration from "./en/integration.json";
import type integrationHealth from "./en/integration-health.json";
import type integrationForm from "./en/integration-form.json";
import type logs from "./en/logs.json";
import type maintenance from "./en/maintenance.json";
import type overview from "./en/overview.json";
import type partner from "./en/partner.json";
import type partners from "./en/partners.json";
import type settings from "./en/settings.json";
import type shell from "./en/shell.json";
import type signIn from "./en/sign-in.json";
import type statusPage from "./en/status-page.json";
import type users from "./en/users.json";
import type webhooks from "./en/webhooks.json";
import type words from "./en/words.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    // One line a file of language/en.
    resources: {
      alerts: typeof alerts;
      "api-keys": typeof apiKeys;
      common: typeof common;
      "connection-test": typeof connectionTest;
      deliveries: typeof deliveries;
      events: typeof events;
      guide: typeof guide;
      incidents: typeof incidents;
      integration: typeof integration;
      "integration-health": typeof integrationHealth;
      "integration-form": typeof integrationForm;
      logs: typeof logs;
      maintenance: typeof maintenance;
      overview: typeof overview;
      partner: typeof partner;
      partners: typeof partners;
      settings: typeof settings;
      shell: typeof shell;
      "sign-in": typeof signIn;
      "status-page": typeof statusPage;
      users: typeof users;
      webhooks: typeof webhooks;
      words: typeof words;
    };
  }
}
