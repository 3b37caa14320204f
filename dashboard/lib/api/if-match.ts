/** The header of a change that must not undo somebody else's: refused with 412 when the version is another by now. */
export function ifMatch(version: number | null | undefined): Record<string, string> {
  return version === null || version === undefined ? {} : { "If-Match": `"${version}"` };
}
