/** Who is signed in, and the way out. */
import { Avatar, Menu, Text, UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { IconSettings, IconSignOut } from "~/parts/icons";
import { useNotices } from "~/parts/notices";
import { useCaller, useSignOut } from "~/session/session";

export function AccountMenu() {
  const { t } = useTranslation(["shell", "words"]);
  const caller = useCaller();
  const navigate = useNavigate();
  const notices = useNotices();
  const signOut = useSignOut();
  const leave = () => signOut.mutate(undefined, { onSuccess: () => void navigate({ to: "/sign-in" }), onError: (error) => notices.failed(error) });
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t("account", { name: caller.name })} ml={4} style={{ borderRadius: "50%" }}>
          <Avatar size={32} radius="xl" color="nila" variant="filled" aria-hidden>{initials(caller.name)}</Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: "8px 12px" }}>
          <Text fz="sm" fw={650} truncate>{caller.name}</Text>
          {caller.email ? <Text fz="xs" c="dimmed" truncate>{caller.email}</Text> : null}
          <Text fz="xs" c="dimmed">{t(`words:role.${caller.role}`)}</Text>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconSettings size={16} aria-hidden />} onClick={() => void navigate({ to: "/settings" })}>{t("pages.settings")}</Menu.Item>
        <Menu.Item leftSection={<IconSignOut size={16} aria-hidden />} onClick={leave}>{t("signOut")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initials(name: string): string {
  const letters = name.split(/\s+/).map((word) => word.charAt(0)).filter(Boolean);
  return [letters[0], letters.length > 1 ? letters.at(-1) : ""].join("").toUpperCase() || "?";
}
