/** The ref of what is chosen in a row that scrolls sideways: it is seen, wherever it stands. */
export function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
