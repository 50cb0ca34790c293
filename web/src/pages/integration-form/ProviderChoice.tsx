/** Type, then provider: cards of what can be connected; what is there already says so. */
import { SimpleGrid, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FilterChips } from "~/parts/FilterChips";
import { ToneBadge } from "~/parts/ToneBadge";
import { IconCheck } from "~/parts/icons";
import { CardLink } from "~/parts/links";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import { TypeIcon } from "~/parts/provider-looks";
import type { Integration, Provider } from "~/queries/integrations";
import classes from "./integration-form.module.css";

interface Props {
  readonly providers: readonly Provider[];
  /** Those of the same owner: one a provider is the most. */
  readonly existing: readonly Integration[];
  readonly type: IntegrationType | undefined;
  readonly onProvider: (provider: Provider) => void;
  readonly onType: (type: IntegrationType | undefined) => void;
}

export function ProviderChoice({ providers, existing, type, onType, onProvider }: Props) {
  const { t } = useTranslation(["integration-form", "words"]);
  const types = INTEGRATION_TYPES.filter(
    (one) => (type === undefined || one === type) && providers.some((provider) => provider.integrationType === one),
  );
  return (
    <Stack gap="lg">
      <FilterChips
        single
        label={t("type")}
        chips={INTEGRATION_TYPES.map((value) => ({ value, label: t(`words:type.${value}`) }))}
        chosen={type === undefined ? undefined : [type]}
        onChange={(chosen) => onType(chosen?.[0])}
      />
      {types.map((one) => (
        <section key={one} aria-labelledby={`type-${one}`}>
          <Title order={2} mb="sm" id={`type-${one}`}>
            {t(`words:type.${one}`)}
          </Title>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
            {providers
              .filter((provider) => provider.integrationType === one)
              .map((provider) => (
                <ProviderCard
                  key={provider.slug}
                  provider={provider}
                  there={existing.find((integration) => integration.provider === provider.slug)}
                  onProvider={onProvider}
                />
              ))}
          </SimpleGrid>
        </section>
      ))}
    </Stack>
  );
}

function ProviderCard({
  provider,
  there,
  onProvider,
}: {
  provider: Provider;
  there: Integration | undefined;
  onProvider: Props["onProvider"];
}) {
  const { t } = useTranslation("integration-form");
  const content = (
    <>
      <TypeIcon type={provider.integrationType} size={40} />
      <span style={{ minWidth: 0 }}>
        <Text component="span" display="block" fw={650}>
          {provider.label}
        </Text>
        {there ? (
          <ToneBadge tone="healthy" icon={IconCheck} size="sm">
            {t("there")}
          </ToneBadge>
        ) : (
          <Text component="span" display="block" fz="xs" c="dimmed">
            {t(provider.sendsNotifications ? "sendsEvents" : "sendsNone", { count: provider.events.length })}
          </Text>
        )}
      </span>
    </>
  );
  if (there)
    return (
      <CardLink className={classes.provider} data-there to="/integrations/$integrationId/edit" params={{ integrationId: there.id }}>
        {content}
      </CardLink>
    );
  return (
    <UnstyledButton className={classes.provider} onClick={() => onProvider(provider)}>
      {content}
    </UnstyledButton>
  );
}
