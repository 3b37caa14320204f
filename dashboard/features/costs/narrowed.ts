import type { By } from "./api";
import type { Share } from "./share";

/** What is worth knowing next of one group: of a server its tools, of anybody the servers. */
const NEXT_BY: Record<By, By> = {
  server: "tool",
  team: "server",
  user: "server",
  tool: "user",
  key: "tool",
};

/** The same page about one group alone; null where there is nothing to narrow by. */
export function narrowedHref(path: string, query: string, by: By, { narrows }: Share): string | null {
  if (!narrows) return null;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(narrows)) next.set(name, value);
  next.set("tab", NEXT_BY[by]);
  next.delete("sort");
  return `${path}?${next.toString()}`;
}
