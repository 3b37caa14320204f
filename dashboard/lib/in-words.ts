/** The API's names as people write them: `prompt_injection` is “Prompt injection”. */
export function inWords(name: string): string {
  const spaced = name.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A heading within a sentence: “the alert rules”, “the API keys”. */
export function inSentence(heading: string): string {
  return heading.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}

/** What the API says begins small and ends bare; here it stands alone. */
export function asSentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
