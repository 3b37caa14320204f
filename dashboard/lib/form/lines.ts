/** What a text of several lines lists: one a line, without those that are empty. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

export function asLines(list: readonly string[]): string {
  return list.join("\n");
}
