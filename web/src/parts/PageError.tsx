/** A page that could not be shown at all. */
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ErrorState } from "./ErrorState";

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <div style={{ padding: 16, maxWidth: 720, margin: "0 auto" }}><ErrorState error={error} onRetry={again} /></div>;
}
