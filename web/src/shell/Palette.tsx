/** Ctrl-K: finds integrations and partners on the hub, and pages here. */
import "@mantine/spotlight/styles.css";
import { Spotlight } from "@mantine/spotlight";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "~/parts/error-text";
import { IconSearch } from "~/parts/icons";
import { TYPE_ICONS } from "~/parts/provider-looks";
import { foundIntegrationsQuery } from "~/queries/integrations";
import { partnersQuery } from "~/queries/partners";
import { reaches, useCaller } from "~/session/session";
import { IconBuilding } from "~/parts/icons";
import { DESTINATIONS } from "./navigation";

export function Palette() {
  const { t } = useTranslation(["shell", "words"]);
  const say = useErrorText();
  const navigate = useNavigate();
  const { role } = useCaller();
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query.trim(), 150);
  const isAsking = asked !== "";
  const integrations = useQuery({ ...foundIntegrationsQuery(asked), enabled: isAsking });
  const partners = useQuery({ ...partnersQuery({ q: asked, limit: 6 }), enabled: isAsking });
  const pages = DESTINATIONS.filter((one) => reaches(role, one.role) && t(one.text).toLowerCase().includes(query.trim().toLowerCase()));
  const foundIntegrations = isAsking ? (integrations.data ?? []) : [];
  const foundPartners = isAsking ? (partners.data?.data ?? []) : [];
  const isEmpty = pages.length + foundIntegrations.length + foundPartners.length === 0;
  const error = integrations.error ?? partners.error;
  return (
    <Spotlight.Root query={query} onQueryChange={setQuery} shortcut="mod + K" scrollable maxHeight={420} transitionProps={{ duration: 80 }} clearQueryOnClose>
      <Spotlight.Search placeholder={t("search.placeholder")} aria-label={t("search.placeholder")} leftSection={<IconSearch size={18} aria-hidden />} />
      <Spotlight.ActionsList>
        {foundIntegrations.length > 0 ? (
          <Spotlight.ActionsGroup label={t("search.integrations")}>
            {foundIntegrations.map((one) => {
              const Icon = TYPE_ICONS[one.integrationType];
              return (
                <Spotlight.Action
                  key={one.id}
                  label={one.displayName}
                  description={`${one.provider} · ${t(`words:type.${one.integrationType}`)} · ${t(one.testMode ? "words:sandbox" : "words:production")}`}
                  leftSection={<Icon size={20} stroke={1.7} aria-hidden />}
                  onClick={() => void navigate({ to: "/partners/$partnerId", params: { partnerId: one.partnerId }, hash: one.id })}
                />
              );
            })}
          </Spotlight.ActionsGroup>
        ) : null}
        {foundPartners.length > 0 ? (
          <Spotlight.ActionsGroup label={t("search.partners")}>
            {foundPartners.map((one) => (
              <Spotlight.Action key={one.id} label={one.name} description={one.slug} leftSection={<IconBuilding size={20} stroke={1.7} aria-hidden />} onClick={() => void navigate({ to: "/partners/$partnerId", params: { partnerId: one.id } })} />
            ))}
          </Spotlight.ActionsGroup>
        ) : null}
        {pages.length > 0 ? (
          <Spotlight.ActionsGroup label={t("search.pages")}>
            {pages.map(({ to, text, icon: Icon }) => (
              <Spotlight.Action key={to} label={t(text)} leftSection={<Icon size={20} stroke={1.7} aria-hidden />} onClick={() => void navigate({ to })} />
            ))}
          </Spotlight.ActionsGroup>
        ) : null}
        {isEmpty && !integrations.isFetching && !partners.isFetching ? (
          <Spotlight.Empty>{error ? t("search.failed", { error: say(error) }) : t("search.nothing")}</Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
