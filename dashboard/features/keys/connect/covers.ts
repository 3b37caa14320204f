/** Whether one of the globs means the name; `*` is any run of characters and nothing else is special. */
export function covers(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => {
    const pattern = glob.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`).test(name);
  });
}
