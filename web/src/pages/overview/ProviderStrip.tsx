/** One tile a provider: how its integrations stand, and whether it has an outage. A tile filters by its provider. */
import { Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/language/use-format";
import { HEALTH_LOOKS } from "~/parts/StatusBadge";
import { IconIncident } from "~/parts/icons";
import { incidentPath } from "~/parts/incident-paths";
import { TextLink } from "~/parts/links";
import { TypeIcon } from "~/parts/provider-looks";
import type { ProviderHealth } from "~/queries/overview";
import { HEALTH_STATUSES } from "~/parts/health-statuses";
import classes from "./overview.module.css";

interface Props {
  readonly providers: readonly ProviderHealth[];
  readonly chosen: string | undefined;
  readonly onChoose: (provider: string | undefined) => void;
}

export function ProviderStrip({ providers, chosen, onChoose }: Props) {
  const { t } = useTranslation("overview");
  // Outages first; the others keep their places, whatever happens.
  const sorted = providers.toSorted((a, b) => Number(!a.outageIncidentId) - Number(!b.outageIncidentId));
  return (
    <ul className={classes.strip} aria-label={t("providers.title")}>
      {sorted.map((one) => (
        <Tile
          key={one.provider}
          provider={one}
          isChosen={chosen === one.provider}
          onToggle={() => onChoose(chosen === one.provider ? undefined : one.provider)}
        />
      ))}
    </ul>
  );
}

function Tile({ provider, isChosen, onToggle }: { provider: ProviderHealth; isChosen: boolean; onToggle: () => void }) {
  const { t } = useTranslation(["overview", "words"]);
  const format = useFormat();
  const bands = HEALTH_STATUSES.filter((status) => provider[status] > 0);
  const said = bands.map((status) =>
    t("providers.band", { number: format.number(provider[status]), word: t(`words:health.${status}`).toLowerCase() }),
  );
  const { outageIncidentId: outage, label } = provider;
  return (
    <li className={classes.tile} data-outage={outage ? true : undefined} data-chosen={isChosen || undefined}>
      <UnstyledButton className={classes.tileButton} aria-pressed={isChosen} onClick={onToggle}>
        <span className={classes.tileHead}>
          <TypeIcon type={provider.integrationType} size={22} />
          <Text component="span" fw={650} fz="sm" truncate>
            {label}
          </Text>
          <Text component="span" fz="xs" c="dimmed" className="figures" ml="auto">
            {format.number(provider.total)}
          </Text>
        </span>
        <span className={classes.bar} aria-hidden>
          {bands.map((status) => (
            <span key={status} style={{ flexGrow: provider[status], background: `var(--tone-${HEALTH_LOOKS[status].tone}-solid)` }} />
          ))}
        </span>
        {outage ? (
          <span className="spoken">{said.join(", ")}</span>
        ) : (
          <Text component="span" display="block" fz="xs" c="dimmed" truncate title={said.join(", ")}>
            {provider.healthy === provider.total ? t("providers.all") : said.join(", ")}
          </Text>
        )}
      </UnstyledButton>
      {outage ? (
        <TextLink to={incidentPath(outage)} className={classes.outage} aria-label={t("providers.outageOf", { name: label })}>
          <IconIncident size={14} stroke={2.2} aria-hidden />
          {t("providers.outage")}
        </TextLink>
      ) : null}
    </li>
  );
}
