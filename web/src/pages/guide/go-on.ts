/** Takes the reader to where the guide goes on, since what was just pressed is gone or above. */

/** Moves the focus there, and scrolls only where it is out of sight or so low that little of what follows would be seen. */
export function goOn(heading: HTMLElement | null): void {
  if (!heading) return;
  heading.focus({ preventScroll: true });
  const { top } = heading.getBoundingClientRect();
  if (top < 72 || top > window.innerHeight / 2) heading.scrollIntoView({ block: "start" });
}
