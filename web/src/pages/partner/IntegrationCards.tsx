/** A partner's integrations, its own first, then each outlet's. */
import { SimpleGrid, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "~/parts/EmptyState";
import { TestDialog } from "~/parts/TestDialog";
import { IconPlug } from "~/parts/icons";
import type { IntegrationType } from "~/parts/integration-types";
import type { Integration } from "~/queries/integrations";
import type { Outlet, Partner } from "~/queries/partners";
import { IntegrationCard } from "./IntegrationCard";
import { useCardHealth } from "./use-card-health";

interface Props {
  readonly partner: Partner;
  readonly integrations: readonly Integration[];
  readonly outlets: readonly Outlet[];
  readonly type: IntegrationType | undefined;
  /** The button that adds one, where the reader may. */
  readonly add: ReactNode;
  /** The button that shows all types. */
  readonly all: ReactNode;
}

export function IntegrationCards({ partner, integrations, outlets, type, add, all }: Props) {
  const { t } = useTranslation("partner");
  const [tested, setTested] = useState<Integration | null>(null);
  const healthOf = useCardHealth(partner.id);
  if (integrations.length === 0)
    return (
      <EmptyState icon={IconPlug} title={t("empty.title")} action={add}>
        {t("empty.text", { name: partner.name })}
      </EmptyState>
    );
  const shown = integrations
    .filter((one) => type === undefined || one.integrationType === type)
    .toSorted((a, b) => Number(a.outletId != null) - Number(b.outletId != null) || a.displayName.localeCompare(b.displayName));
  const outletName = (id: string | null | undefined) => outlets.find((outlet) => outlet.id === id)?.name ?? null;
  return (
    <section aria-labelledby="integrations">
      <Title order={2} id="integrations" mb="sm">
        {t("integrations")}
      </Title>
      {shown.length === 0 ? (
        <EmptyState icon={IconPlug} title={t("nothing.title")} action={all}>
          {t("nothing.text", { name: partner.name })}
        </EmptyState>
      ) : null}
      <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }} spacing="md">
        {shown.map((one) => (
          <IntegrationCard
            key={one.id}
            integration={one}
            outlet={outletName(one.outletId)}
            health={healthOf(one.id)}
            onTest={() => setTested(one)}
          />
        ))}
      </SimpleGrid>
      <TestDialog integration={tested} onClose={() => setTested(null)} />
    </section>
  );
}
