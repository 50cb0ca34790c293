/** What to do, worst first; what was put aside is folded away and can be brought back. */
import { Button, Card, Collapse, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconChevronDown, IconChevronRight } from "~/parts/icons";
import type { Recommendation } from "~/queries/integration-health";
import { Advice } from "./Advice";
import classes from "./health.module.css";

interface Props {
  readonly integrationId: string;
  readonly all: readonly Recommendation[];
  readonly onTest: () => void;
}

export function Recommendations({ integrationId, all, onTest }: Props) {
  const { t } = useTranslation("integration-health");
  const [unfolded, setUnfolded] = useState(false);
  const open = all.filter((one) => !one.dismissed);
  const aside = all.filter((one) => one.dismissed);
  const list = (some: readonly Recommendation[]) => (
    <Stack gap="sm" component="ul" className={classes.plain}>
      {some.map((one) => <li key={one.code}><Advice integrationId={integrationId} advice={one} onTest={onTest} /></li>)}
    </Stack>
  );
  return (
    <Card component="section" aria-label={t("advice.title")}>
      <Title order={2} mb="sm">{t("advice.title")}</Title>
      {open.length > 0 ? list(open) : <div className={classes.empty}><Text fz="sm" c="dimmed">{t("advice.none")}</Text></div>}
      {aside.length > 0 ? (
        <>
          <Button mt="sm" size="compact-sm" variant="subtle" aria-expanded={unfolded} leftSection={unfolded ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />} onClick={() => setUnfolded(!unfolded)}>
            {t("advice.aside", { count: aside.length })}
          </Button>
          <Collapse expanded={unfolded} pt="sm">{list(aside)}</Collapse>
        </>
      ) : null}
    </Card>
  );
}
