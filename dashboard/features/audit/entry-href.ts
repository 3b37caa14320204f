export function entryHref({ id }: { id: string }): string {
  return `/audit-entry?id=${id}`;
}
