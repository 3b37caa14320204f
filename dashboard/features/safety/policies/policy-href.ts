export const NEW_POLICY = "/safety-policy";

export function policyHref({ id }: { id: string }): string {
  return `${NEW_POLICY}?id=${id}`;
}
