/** The start page: every integration that the reader may see, worst first, live. */
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { DataTable } from "~/parts/DataTable";
import { EmptyState } from "~/parts/EmptyState";
import { ErrorState } from "~/parts/ErrorState";
import { LiveBadge } from "~/parts/LiveBadge";
import { PageHeader } from "~/parts/PageHeader";
import { RowsSkeleton } from "~/parts/PageSkeleton";
import { IconActivity, IconSearch } from "~/parts/icons";
import { integrationPagePath } from "~/parts/integration-paths";
import { ButtonLink } from "~/parts/links";
import { useMay } from "~/session/session";
import { rowHeight } from "./Marks";
import { OverviewFilters } from "./OverviewFilters";
import { ProviderStrip } from "./ProviderStrip";
import classes from "./overview.module.css";
import { type OverviewSearch, filterOf, isFiltered, overviewRoute } from "./route";
import { useOverview } from "./use-overview";
import { useOverviewColumns } from "./use-overview-columns";

const TILES = 9;

export function OverviewPage() {
  const { t } = useTranslation("overview");
  const format = useFormat();
  const search = overviewRoute.useSearch();
  const navigate = useNavigate({ from: "/" });
  const show = (search: OverviewSearch) => void navigate({ to: "/", search, replace: true });
  const { pages, counts, rows, more, stream } = useOverview(filterOf(search));
  const columns = useOverviewColumns();
  const total = counts.data?.total ?? rows.length;
  const header = <PageHeader title={t("title")} description={t("description")} aside={<LiveBadge state={stream} />} />;
  if (pages.data && rows.length === 0 && !isFiltered(search))
    return (
      <>
        {header}
        <Nothing />
      </>
    );
  return (
    <>
      {header}
      <Stack gap="lg">
        {counts.data ? (
          <ProviderStrip
            providers={counts.data.providers}
            chosen={search.provider}
            onChoose={(provider) => show({ ...search, type: undefined, provider })}
          />
        ) : counts.isError ? null : (
          <div className={classes.strip} aria-hidden>
            {Array.from({ length: TILES }, (_, index) => (
              <Skeleton key={index} h={86} miw={158} />
            ))}
          </div>
        )}
        <OverviewFilters search={search} stats={counts.data?.stats} onChange={show} />
      </Stack>
      <Group justify="space-between" mih={30} mt="md" mb={6}>
        <Text fz="sm" c="dimmed" className="figures" role="status">
          {pages.data ? t("shown", { count: total, number: format.number(total) }) : ""}
        </Text>
        {isFiltered(search) ? (
          <Button variant="subtle" size="compact-sm" onClick={() => show({})}>
            {t("clear")}
          </Button>
        ) : null}
      </Group>
      {pages.isError && !pages.data ? (
        <ErrorState error={pages.error} busy={pages.isFetching} onRetry={() => void Promise.all([pages.refetch(), counts.refetch()])} />
      ) : null}
      {pages.isPending ? <RowsSkeleton rows={9} height={56} /> : null}
      {rows.length > 0 ? (
        <DataTable
          label={t("list")}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.integrationId}
          total={total}
          rowHeight={rowHeight}
          onEnd={more}
          onOpen={(row) => void navigate({ to: integrationPagePath(row.integrationId) })}
        />
      ) : pages.data ? (
        <EmptyState
          icon={IconSearch}
          title={t("nothing.title")}
          action={
            <Button variant="default" onClick={() => show({})}>
              {t("clear")}
            </Button>
          }
        >
          {t("nothing.text")}
        </EmptyState>
      ) : null}
    </>
  );
}

function Nothing() {
  const { t } = useTranslation("overview");
  const mayAdd = useMay("admin");
  return (
    <EmptyState icon={IconActivity} title={t("empty.title")} action={mayAdd ? <ButtonLink to="/guide">{t("empty.guide")}</ButtonLink> : null}>
      {t(mayAdd ? "empty.text" : "empty.textReader")}
    </EmptyState>
  );
}
