/** A list as it is written in a text field: one on each line, or with commas between. */
export function linesOf(text: string): string[] {
  const found = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
  return [...new Set(found)];
}
