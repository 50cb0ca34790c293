/** Puts what the hub says about members beside the fields of a form. */
import { ApiError } from "~/api/api-error";

/** One text a field, for Mantine's `form.setErrors`; `prefix` ("configuration.") is taken off names that have it. */
export function fieldErrors(error: unknown, prefix = ""): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const named = Object.entries(error.fields).map(
    ([field, problems]) => [field.startsWith(prefix) ? field.slice(prefix.length) : field, capital(problems.join(". "))] as const,
  );
  return Object.fromEntries(named);
}

/** Whether every problem is about a field that the form shows; else the error itself has to be shown as well. */
export function isAllShown(error: unknown, shown: readonly string[]): boolean {
  if (!(error instanceof ApiError)) return false;
  const fields = Object.keys(error.fields);
  return fields.length > 0 && fields.every((field) => shown.includes(field));
}

/** The hub's problems go on from the member's name: "must be …". Alone they are a sentence. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
