/** The partner's first account: one that is there, or a new one through the same form as always. */
import { Button, Divider, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { TYPE_ICONS } from "~/parts/provider-looks";
import type { IntegrationType } from "~/parts/integration-types";
import { type Provider, partnerIntegrationsQuery, providersQuery } from "~/queries/integrations";
import type { Partner } from "~/queries/partners";
import { CreateForm } from "../integration-form/CreateForm";
import { ProviderChoice } from "../integration-form/ProviderChoice";
import { goOn } from "./go-on";
import classes from "./guide.module.css";

export function AccountStep({ partner, onChosen }: { partner: Partner; onChosen: (integrationId: string) => void }) {
  const { t } = useTranslation("guide");
  const integrations = useQuery(partnerIntegrationsQuery(partner.id));
  const providers = useQuery(providersQuery);
  const [type, setType] = useState<IntegrationType | undefined>();
  const [provider, setProvider] = useState<Provider | null>(null);
  const failed = [integrations, providers].find((query) => query.isError && !query.data);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!integrations.data || !providers.data) return <Skeleton h={180} />;
  const own = integrations.data.filter((one) => one.outletId == null);
  if (provider) {
    return (
      <Stack>
        <Chosen provider={provider} onOther={() => setProvider(null)} />
        <CreateForm
          provider={provider}
          owner={{ partnerId: partner.id }}
          inheritable={false}
          onCreated={(made) => onChosen(made.id)}
          onCancel={() => setProvider(null)}
        />
      </Stack>
    );
  }
  return (
    <Stack>
      {integrations.data.length > 0 ? (
        <>
          <Group gap="xs">
            {integrations.data.map((one) => {
              const Icon = TYPE_ICONS[one.integrationType];
              return (
                <Button key={one.id} variant="default" leftSection={<Icon size={16} aria-hidden />} onClick={() => onChosen(one.id)}>
                  {t("account.use", { name: one.displayName })}
                </Button>
              );
            })}
          </Group>
          <Divider label={t("account.new")} labelPosition="left" />
        </>
      ) : null}
      <ProviderChoice
        providers={providers.data.filter((one) => !own.some((integration) => integration.provider === one.slug))}
        existing={[]}
        type={type}
        onType={setType}
        onProvider={setProvider}
      />
    </Stack>
  );
}

/** Names the provider whose form has taken the place of the choice, and has the focus go on there. */
function Chosen({ provider, onOther }: { provider: Provider; onOther: () => void }) {
  const { t } = useTranslation(["guide", "integration-form"]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => goOn(title.current), []);
  return (
    <Group justify="space-between" gap="xs">
      <Title order={3} ref={title} tabIndex={-1} className={classes.heading}>
        {t("integration-form:connect", { provider: provider.label })}
      </Title>
      <Button variant="subtle" size="compact-sm" onClick={onOther}>
        {t("account.other")}
      </Button>
    </Group>
  );
}
