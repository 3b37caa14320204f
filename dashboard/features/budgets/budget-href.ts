export function budgetHref({ id }: { id: string }): string {
  return `/budget?id=${id}`;
}
