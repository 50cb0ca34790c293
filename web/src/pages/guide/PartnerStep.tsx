/** A new partner, or one that is there. */
import { Button, Divider, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { PartnerSelect } from "~/parts/PartnerSelect";
import { fieldErrors, isAllShown } from "~/parts/field-errors";
import { useSavePartner } from "~/queries/partners";
import { useMayManagePartners } from "~/session/session";

export function PartnerStep({ onChosen }: { onChosen: (id: string) => void }) {
  const { t } = useTranslation("guide");
  const mayCreate = useMayManagePartners();
  const save = useSavePartner();
  const [name, setName] = useState("");
  function create(event: FormEvent) {
    event.preventDefault();
    save.mutate({ name: name.trim() }, { onSuccess: (partner) => onChosen(partner.id) });
  }
  return (
    <Stack>
      {mayCreate ? (
        <>
          <form onSubmit={create}>
            <Stack>
              {save.isError && !isAllShown(save.error, ["name"]) ? <ErrorState error={save.error} /> : null}
              <Group align="flex-end">
                <TextInput
                  style={{ flex: "1 1 220px" }}
                  label={t("partner.name")}
                  placeholder="Kopi Senja"
                  maxLength={120}
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                  error={fieldErrors(save.error).name}
                />
                <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
                  {t("partner.create")}
                </Button>
              </Group>
            </Stack>
          </form>
          <Divider label={t("or")} labelPosition="left" />
        </>
      ) : null}
      <PartnerSelect
        label={t("partner.existing")}
        placeholder={t("partner.choose")}
        value={null}
        onChange={(id) => {
          if (id !== null) onChosen(id);
        }}
      />
    </Stack>
  );
}
