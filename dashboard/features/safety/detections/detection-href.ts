export function detectionHref({ id }: { id: string }): string {
  return `/detection?id=${id}`;
}
