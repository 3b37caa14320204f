/** Entries of a list that is written one a line, or with commas or spaces between. */
export function linesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
