/** The guide's end: what works now, what is left to do at the provider, and where to go on. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconRocket } from "~/parts/icons";
import { integrationPath } from "~/parts/integration-paths";
import { ButtonLink } from "~/parts/links";
import { type Integration, providersQuery } from "~/queries/integrations";
import type { Partner } from "~/queries/partners";
import { InboundUrl } from "../integration-form/InboundUrl";
import { goOn } from "./go-on";
import classes from "./guide.module.css";

export function Finished({ partner, integration }: { partner: Partner; integration: Integration }) {
  const { t } = useTranslation("guide");
  const providers = useQuery(providersQuery);
  const provider = providers.data?.find((one) => one.slug === integration.provider);
  const title = useRef<HTMLHeadingElement>(null);
  // It appears below what was just pressed, on a phone out of sight.
  useEffect(() => goOn(title.current), []);
  return (
    <Card maw={860} mt="lg" className={classes.finished}>
      <Stack>
        <div>
          <IconRocket size={28} color="var(--tone-healthy-text)" aria-hidden />
          <Title order={2} mt="xs" ref={title} tabIndex={-1} className={classes.heading}>
            {t("finished.title")}
          </Title>
          <Text fz="sm" c="dimmed">
            {t(provider?.notificationsHelp ? "finished.textNotified" : "finished.text", { provider: integration.displayName })}
          </Text>
        </div>
        {provider ? <InboundUrl integration={integration} provider={provider} /> : null}
        <Group gap="xs">
          <ButtonLink to="/partners/$partnerId" params={{ partnerId: partner.id }}>
            {t("finished.go", { name: partner.name })}
          </ButtonLink>
          <ButtonLink variant="default" to={integrationPath(integration.id)}>
            {t("finished.health")}
          </ButtonLink>
        </Group>
      </Stack>
    </Card>
  );
}
