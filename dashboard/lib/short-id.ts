/** What is left to show of a thing whose name nobody tells: the beginning of its id. */
export function shortId(id: string): string {
  return `${id.slice(0, 8)}…`;
}
