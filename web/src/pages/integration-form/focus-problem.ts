/** Leads to the first field that has to be corrected, once its problem is shown. */
export function focusProblem(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}
