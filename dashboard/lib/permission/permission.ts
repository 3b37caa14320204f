// What a person's grants allow, as the gateway decides it (contract 1.6): for what is offered on a page. What may be
// done is decided by the API, whatever is shown here.

/** Whether holding `grant` means holding `permission`. */
export function implies(grant: string, permission: string): boolean {
  // Other organizations are no part of "everything".
  if (withoutOwn(permission) === "platform:admin") return grant === "platform:admin";
  if (
    grant === "*" ||
    grant === permission ||
    (permission.endsWith(":own") && grant === withoutOwn(permission))
  )
    return true;
  if (grant.endsWith(":*")) return permission.startsWith(grant.slice(0, -1));
  return grant.endsWith(":admin") && permission.startsWith(grant.slice(0, -"admin".length));
}

/** Whether there may be rows that the person may do it to: everywhere, or their own. */
export function may(grants: readonly string[], permission: string): boolean {
  return grants.some((grant) => implies(grant, permission) || implies(grant, `${permission}:own`));
}

function withoutOwn(permission: string): string {
  return permission.endsWith(":own") ? permission.slice(0, -":own".length) : permission;
}
