/** Who did something: the reader, a named user where the reader may see users, else the id's end. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { usersQuery } from "~/queries/people";
import { useCaller, useMay } from "~/session/session";

export function Person({ id }: { id: string }) {
  const { t } = useTranslation("logs");
  const caller = useCaller();
  const users = useQuery({ ...usersQuery({}), enabled: useMay("super_admin"), staleTime: 60_000 });
  if (id === caller.id) return <span>{t("person.you", { name: caller.name })}</span>;
  const name = users.data?.data.find((user) => user.id === id)?.name;
  return <span title={id}>{name ?? t("person.other", { id: id.slice(-6) })}</span>;
}
