/** What a public status page says: its title, and all of the partner's integrations or those that were chosen. */
import { Button, Group, MultiSelect, Radio, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useNotices } from "~/parts/notices";
import { type Integration, partnerIntegrationsQuery } from "~/queries/integrations";
import { type Outlet, outletsQuery } from "~/queries/partners";
import { type StatusPage, useSetStatusPage } from "~/queries/status-page";

/** The hub takes no more on one page. */
const MOST = 50;

export function StatusPageContent({ partnerId, page }: { partnerId: string; page: StatusPage }) {
  const { t } = useTranslation(["status-page", "common"]);
  const set = useSetStatusPage(partnerId);
  const notices = useNotices();
  const [title, setTitle] = useState(page.title);
  const [isSome, setSome] = useState(page.integrationIds != null);
  const [chosen, setChosen] = useState<string[]>(page.integrationIds ?? []);
  const [isTouched, setTouched] = useState(false);
  const { options, isKnown } = useOptions(partnerId);
  // One that was deleted since is no choice any more.
  const there = chosen.filter((id) => !isKnown || options.some((one) => one.value === id));
  const isChanged = title.trim() !== page.title || !isSame(isSome ? there : null, page.integrationIds ?? null);
  const missing = { title: title.trim() === "", integrationIds: isSome && there.length === 0 };
  const refused = fieldErrors(set.error);
  const refusedIds = Object.entries(refused).find(([field]) => field.startsWith("integrationIds"))?.[1];
  function save(event: FormEvent) {
    event.preventDefault();
    setTouched(true);
    if (missing.title || missing.integrationIds) return;
    set.mutate(
      { title: title.trim(), integrationIds: isSome ? there : null },
      {
        onSuccess: (saved) => {
          setTitle(saved.title);
          setChosen(saved.integrationIds ?? there);
          setTouched(false);
          notices.done(t("savedNotice"));
        },
      },
    );
  }
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="sm" maw={560}>
        {set.isError && !isAllShown(set.error, ["title", ...Object.keys(refused).filter((field) => field.startsWith("integrationIds"))]) ? (
          <ErrorState error={set.error} title={t("notSaved")} />
        ) : null}
        <TextInput
          label={t("pageTitle")}
          description={t("pageTitleHelp")}
          maxLength={120}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={refused.title ?? (isTouched && missing.title ? t("common:required") : null)}
        />
        <Radio.Group label={t("shows")} value={isSome ? "some" : "all"} onChange={(value) => setSome(value === "some")}>
          <Group gap="lg" mt={6}>
            <Radio value="all" label={t("allOption")} />
            <Radio value="some" label={t("someOption")} />
          </Group>
        </Radio.Group>
        {isSome ? (
          <MultiSelect
            searchable
            clearable
            hidePickedOptions
            label={t("chosen")}
            description={t("chosenHelp", { count: MOST })}
            maxValues={MOST}
            data={options}
            value={there}
            onChange={setChosen}
            nothingFoundMessage={t("common:noneFound")}
            clearButtonProps={{ "aria-label": t("common:clear") }}
            error={refusedIds ?? (isTouched && missing.integrationIds ? t("chooseOne") : null)}
          />
        ) : null}
        <Group>
          <Button type="submit" variant="default" loading={set.isPending} disabled={!isChanged}>
            {t("common:save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The partner's own integrations and its outlets', told apart by the outlet's name. */
function useOptions(partnerId: string) {
  const { t } = useTranslation("status-page");
  const integrations = useQuery(partnerIntegrationsQuery(partnerId));
  const outlets = useQuery(outletsQuery(partnerId));
  const options = (integrations.data ?? []).map((one) => {
    const name = nameOf(one, outlets.data ?? []);
    return { value: one.id, label: one.isActive ? name : t("inactiveOption", { name }) };
  });
  return { options, isKnown: integrations.data !== undefined };
}

function nameOf(integration: Integration, outlets: readonly Outlet[]): string {
  const outlet = outlets.find((one) => one.id === integration.outletId);
  return outlet ? `${integration.displayName} · ${outlet.name}` : integration.displayName;
}

/** In whatever order they were chosen; `null` for all. */
function isSame(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((id) => other.includes(id));
}
