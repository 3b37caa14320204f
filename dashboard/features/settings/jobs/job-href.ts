export function jobHref({ id }: { id: string }): string {
  return `/settings/jobs?id=${encodeURIComponent(id)}`;
}
