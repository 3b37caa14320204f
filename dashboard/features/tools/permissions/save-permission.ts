import { ApiError } from "@/lib/api/problem";
import { createPermission, updatePermission, type Permission } from "./api";
import { formOf, patchOf, problemsOf, type PermissionDraft } from "./draft";

/** Makes or changes one. What cannot be sent is refused as the API would, so that it is told beside its field. */
export async function savePermission(
  permission: Permission | undefined,
  version: number | undefined,
  draft: PermissionDraft,
): Promise<Permission> {
  const fields = problemsOf(draft);
  if (fields.length > 0) throw new ApiError(400, "validation_error", "It cannot be saved.", null, { fields });
  if (!permission) return createPermission(formOf(draft));
  return updatePermission(permission.id, version, patchOf(permission, draft));
}
