export function approvalHref({ id }: { id: string }): string {
  return `/approvals?id=${id}`;
}
