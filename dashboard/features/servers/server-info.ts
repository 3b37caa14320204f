/** “github-mcp 1.4.2”, of what a server says of itself. */
export function infoOf(info: Record<string, unknown> | null): string | null {
  const { name, title, version } = info ?? {};
  const called = typeof title === "string" && title ? title : name;
  return [called, version].filter((part) => typeof part === "string" && part !== "").join(" ") || null;
}
