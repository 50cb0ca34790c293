/** How many integrations of each type; a tile filters by it. */
import { SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TypeIcon } from "~/parts/provider-looks";
import { INTEGRATION_TYPES, type IntegrationType } from "~/parts/integration-types";
import type { Integration } from "~/queries/integrations";
import classes from "./partner.module.css";

interface Props {
  readonly integrations: readonly Integration[];
  readonly chosen: IntegrationType | undefined;
  readonly onChoose: (type: IntegrationType | undefined) => void;
}

export function TypeCounts({ integrations, chosen, onChoose }: Props) {
  const { t } = useTranslation(["partner", "words"]);
  return (
    <SimpleGrid cols={3} spacing={{ base: "xs", sm: "md" }} role="group" aria-label={t("counts")}>
      {INTEGRATION_TYPES.map((type) => {
        const count = integrations.filter((one) => one.integrationType === type).length;
        return (
          <UnstyledButton
            key={type}
            className={classes.tile}
            aria-pressed={chosen === type}
            onClick={() => onChoose(chosen === type ? undefined : type)}
          >
            <TypeIcon type={type} size={32} />
            <span>
              <Text component="span" display="block" fw={650} fz="sm">
                {t(`words:type.${type}`)}
              </Text>
              <Text component="span" display="block" fz="xs" c="dimmed">
                {t("count", { count })}
              </Text>
            </span>
          </UnstyledButton>
        );
      })}
    </SimpleGrid>
  );
}
