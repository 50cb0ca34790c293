/** Where events go, and one test event that arrives there. */
import { Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyField } from "~/parts/CopyButton";
import { TextLink } from "~/parts/links";
import type { Integration } from "~/queries/integrations";
import { AddressForm } from "./AddressForm";
import { FirstDelivery } from "./FirstDelivery";
import { type Webhook, useCreateFirstWebhook } from "./first-webhook";

interface Props {
  readonly integration: Integration;
  readonly webhooks: readonly Webhook[];
}

/** The choice that is none of the webhooks that are there. */
const OTHER = "other";

export function DeliveryStep({ integration, webhooks }: Props) {
  const { t } = useTranslation("guide");
  const [made, setMade] = useState<Webhook | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  // What was just made may not be in the list yet.
  const all = made && !webhooks.some((one) => one.id === made.id) ? [...webhooks, made] : webhooks;
  const receiver = chosen === OTHER ? undefined : (all.find((one) => one.id === chosen) ?? all[0]);
  function onMade(webhook: Webhook) {
    setMade(webhook);
    setChosen(webhook.id);
  }
  return (
    <Stack>
      <Text fz="sm" c="dimmed">
        {t("delivery.text")}
      </Text>
      {all.length > 0 && made === null ? (
        <Radio.Group label={t("delivery.to")} value={receiver?.id ?? OTHER} onChange={setChosen}>
          <Stack gap={6} mt={6}>
            {all.map((one) => (
              <Radio key={one.id} value={one.id} label={one.webhookUrl} className="breaks" />
            ))}
            <Radio value={OTHER} label={t("delivery.other")} />
          </Stack>
        </Radio.Group>
      ) : null}
      {receiver === undefined ? <NewWebhook integration={integration} onMade={onMade} /> : null}
      {made && receiver?.id === made.id ? <Secret secret={made.webhookSecret} /> : null}
      {receiver && receiver.id !== made?.id ? (
        <Text fz="xs" c="dimmed">
          {t("delivery.secretGone")}{" "}
          <TextLink
            inherit
            underline="always"
            to="/integrations/$integrationId/webhooks/$webhookId"
            params={{ integrationId: integration.id, webhookId: receiver.id }}
          >
            {t("delivery.toWebhook")}
          </TextLink>
        </Text>
      ) : null}
      {receiver ? <FirstDelivery key={receiver.id} webhook={receiver} /> : null}
    </Stack>
  );
}

function NewWebhook({ integration, onMade }: { integration: Integration; onMade: (webhook: Webhook) => void }) {
  const { t } = useTranslation("guide");
  const create = useCreateFirstWebhook(integration.id);
  return (
    <AddressForm
      submit={t("delivery.create")}
      error={create.error}
      isBusy={create.isPending}
      onAddress={(address) => create.mutate(address, { onSuccess: onMade })}
    />
  );
}

function Secret({ secret }: { secret: string }) {
  const { t } = useTranslation("guide");
  return (
    <div>
      <Text fz="sm" fw={600} mb={4}>
        {t("delivery.secret")}
      </Text>
      <CopyField value={secret} label={t("delivery.copySecret")} />
      <Text fz="xs" c="dimmed" mt={4}>
        {t("delivery.secretHelp")}
      </Text>
    </div>
  );
}
