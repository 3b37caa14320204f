/** What a text of several lines lists: one a line, each once, without those that are empty. */
export function linesOf(text: string): string[] {
  return parts(text, "\n");
}

/** A list of what has no comma in it: one a line, or with commas between. */
export function listOf(text: string): string[] {
  return parts(text, /[\n,]/);
}

/** A list of what has neither commas nor spaces in it: any of them part it. */
export function wordsOf(text: string): string[] {
  return parts(text, /[\s,]+/);
}

export function asLines(list: readonly string[]): string {
  return list.join("\n");
}

function parts(text: string, between: string | RegExp): string[] {
  const found = text.split(between).map((part) => part.trim());
  return [...new Set(found.filter(Boolean))];
}
