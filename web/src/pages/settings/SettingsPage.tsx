/** What this device shows, who one is, and what this instance runs. */
import { Card, SegmentedControl, Select, SimpleGrid, Skeleton, Stack, Text, Title, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "~/language/choice";
import { switchLanguage } from "~/language/set-up";
import { useFormat } from "~/language/use-format";
import { Facts } from "~/parts/facts";
import { Loaded } from "~/parts/Loaded";
import { OutLink, PageHeader } from "~/parts/PageHeader";
import { PartnerName } from "~/parts/PartnerName";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCritical, IconHealthy } from "~/parts/icons";
import { useNow } from "~/parts/now";
import { instanceQuery } from "~/queries/instance";
import { DEFAULT_TIME_ZONE, useTimeZone } from "~/session/preferences";
import { useCaller } from "~/session/session";

/** Indonesia's three first; a browser that cannot list zones offers these. */
const NEAR = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"];

export function SettingsPage() {
  const { t } = useTranslation("settings");
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Device />
        <Stack gap="lg"><Profile /><Instance /></Stack>
      </SimpleGrid>
    </>
  );
}

function Device() {
  const { t, i18n } = useTranslation(["settings", "shell"]);
  const format = useFormat();
  const now = useNow();
  const [zone, setZone] = useTimeZone();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const zones = [...new Set([...NEAR, ...Intl.supportedValuesOf("timeZone")])];
  const colours = (["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`colour.${value}`) }));
  return (
    <Card>
      <Title order={2} mb="md">{t("display")}</Title>
      <Stack>
        <Select label={t("language")} allowDeselect={false} data={LANGUAGES.map((value) => ({ value, label: t(`shell:languages.${value}`) }))} value={i18n.language} onChange={(value) => void switchLanguage(value === "id" ? "id" : "en")} />
        <Select label={t("timeZone")} description={t("timeZoneHelp", { now: format.dateTime(now) })} searchable allowDeselect={false} limit={80} data={zones} value={zone} onChange={(value) => setZone(value ?? DEFAULT_TIME_ZONE)} />
        <div>
          <Text fz="sm" fw={500} mb={4} id="colours">{t("colours")}</Text>
          <SegmentedControl fullWidth aria-labelledby="colours" data={colours} value={colorScheme} onChange={(value) => setColorScheme(value === "dark" || value === "light" ? value : "auto")} />
        </div>
      </Stack>
    </Card>
  );
}

function Profile() {
  const { t } = useTranslation(["settings", "words"]);
  const caller = useCaller();
  const facts = [
    { name: t("name"), value: caller.name },
    { name: t("email"), value: caller.email ?? "–" },
    { name: t("role"), value: t(`words:role.${caller.role}`) },
    { name: t("partner"), value: <PartnerName id={caller.partnerId} /> },
  ];
  return (
    <Card>
      <Title order={2} mb="md">{t("profile")}</Title>
      <Facts facts={facts} />
      <Text fz="xs" c="dimmed" mt="md">{t("profileHelp")}</Text>
    </Card>
  );
}

function Instance() {
  const { t } = useTranslation("settings");
  const query = useQuery(instanceQuery);
  return (
    <Card>
      <Title order={2} mb="md">{t("instance")}</Title>
      <Loaded query={query} skeleton={<Skeleton h={96} />}>
        {({ version, isReady, database }) => (
          <Facts
            facts={[
              { name: t("version"), value: version },
              { name: t("state"), value: <ToneBadge tone={isReady ? "healthy" : "critical"} icon={isReady ? IconHealthy : IconCritical} size="sm">{t(isReady ? "ready" : "notReady")}</ToneBadge> },
              { name: t("database"), value: database },
              { name: t("docs"), value: <><OutLink href="/api/docs/">{t("docs")}</OutLink> · <OutLink href="/api/openapi.json">{t("openapi")}</OutLink></> },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
