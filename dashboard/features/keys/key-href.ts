export function keyHref({ id }: { id: string }): string {
  return `/key?id=${id}`;
}
