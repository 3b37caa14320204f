/** The API's names as people write them: `prompt_injection` is “Prompt injection”. */
export function inWords(name: string): string {
  const spaced = name.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
