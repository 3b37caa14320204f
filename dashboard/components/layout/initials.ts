/** Two letters for a person: of their first and last name, or of their address. */
export function initials(name: string): string {
  const words = (name.split("@")[0] ?? "")
    .split(/[\s._-]+/)
    .filter(Boolean)
    .map((word) => [...word]);
  const [first = ["?"]] = words;
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (last ? [first[0], last[0]] : first.slice(0, 2)).join("").toUpperCase();
}
