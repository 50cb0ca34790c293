/** What to say about an error: a sentence that says what to do. */
import { useTranslation } from "react-i18next";
import { ApiError, UNREACHABLE } from "~/api/api-error";

/** Turns any error into a sentence for the reader. The hub's own sentence where it sent one. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t("errors.unexpected");
    if (error.code === UNREACHABLE) return t("errors.unreachable");
    if (error.code === "unexpected_answer") return t("errors.answer", { status: error.status });
    if (error.status === 401 && error.code === "unauthorized") return t("errors.signedOut");
    if (error.status === 403 && error.code === "forbidden") return t("errors.forbidden");
    if (error.status === 429) return t("errors.tooMany", { count: error.retryAfter ?? 60 });
    if (error.status === 503) return t("errors.unavailable");
    if (error.status >= 500) return t("errors.internal", { id: error.requestId ?? "–" });
    return error.message;
  };
}
