/** E-mail and password for a session cookie. */
import { Alert, Box, Button, Card, Center, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "~/api/api-error";
import { useErrorText } from "~/parts/error-text";
import { IconAlert } from "~/parts/icons";
import { useSignIn } from "~/session/session";
import { Logo } from "~/shell/Logo";
import { ColourSwitch, LanguageSwitch } from "~/shell/switches";
import { signInRoute } from "./route";

export function SignInPage() {
  const { t } = useTranslation("sign-in");
  useDocumentTitle(`${t("title")} · Simpul`);
  const router = useRouter();
  const { next } = signInRoute.useSearch();
  const signIn = useSignIn();
  const say = useErrorText();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const refused = signIn.error instanceof ApiError && signIn.error.code === "invalid_credentials";

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate({ email, password }, { onSuccess: () => router.history.push(next ?? "/") });
  }

  return (
    <Box mih="100dvh" style={{ display: "flex", flexDirection: "column" }}>
      <Group justify="flex-end" p="sm" gap={4} component="header"><LanguageSwitch /><ColourSwitch /></Group>
      <Center component="main" p="md" pb={90} style={{ flex: 1 }}>
        <Stack w="100%" maw={400} gap="lg">
          <Stack gap={8} align="center" ta="center">
            <Logo size={38} />
            <Text c="dimmed" fz="sm">{t("lead")}</Text>
          </Stack>
          <Card padding="xl" shadow="xs">
            <form onSubmit={submit}>
              <Stack>
                <Title order={1} fz="lg">{t("title")}</Title>
                {signIn.isError ? (
                  <Alert role="alert" variant="outline" color="red" icon={<IconAlert aria-hidden />} p="sm">
                    <Text fz="sm" c="var(--mantine-color-text)">{refused ? t("wrong") : say(signIn.error)}</Text>
                  </Alert>
                ) : null}
                <TextInput label={t("email")} type="email" name="email" autoComplete="username" required withAsterisk={false} autoFocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
                <PasswordInput label={t("password")} name="password" autoComplete="current-password" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
                <Button type="submit" fullWidth loading={signIn.isPending}>{t("submit")}</Button>
              </Stack>
            </form>
          </Card>
          <Text fz="xs" c="dimmed" ta="center">{t("firstTime")}</Text>
        </Stack>
      </Center>
    </Box>
  );
}
