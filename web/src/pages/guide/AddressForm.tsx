/** Asks for the address of the reader's program: of a new webhook, or of one whose address was wrong. */
import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "~/parts/ErrorState";
import { fieldErrors, isAllShown } from "~/parts/field-errors";

interface Props {
  readonly initial?: string;
  readonly submit: string;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onAddress: (address: string) => void;
  /** Beside the button. */
  readonly children?: ReactNode;
}

export function AddressForm({ initial = "", submit, error, isBusy, onAddress, children }: Props) {
  const { t } = useTranslation("guide");
  const [address, setAddress] = useState(initial);
  function send(event: FormEvent) {
    event.preventDefault();
    onAddress(address.trim());
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {error && !isAllShown(error, ["webhookUrl"]) ? <ErrorState error={error} /> : null}
        <TextInput
          type="url"
          label={t("delivery.url")}
          description={t("delivery.urlHelp")}
          placeholder="https://shop.example/hooks/simpul"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={fieldErrors(error).webhookUrl}
        />
        <Group gap="xs">
          <Button type="submit" loading={isBusy} disabled={address.trim() === ""}>
            {submit}
          </Button>
          {children}
        </Group>
      </Stack>
    </form>
  );
}
