"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast, toastProblem } from "@/components/ui/toast";
import { deletePermission, permissionQuery, type Permission } from "./api";
import { permissionsHref } from "./permission-href";
import { usePermissionsChanged } from "./use-permissions-changed";

export function DeletePermission({ permission }: { permission: Permission }) {
  const client = useQueryClient();
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const onChanged = usePermissionsChanged();
  const { queryKey } = permissionQuery(permission.id);

  async function remove() {
    try {
      await deletePermission(permission);
    } catch (error) {
      toastProblem(error);
      // Perhaps somebody else was faster: then it is shown as it is now.
      return void client.invalidateQueries({ queryKey });
    }
    toast("The permission is deleted.");
    router.push(permissionsHref());
    client.removeQueries({ queryKey });
    return onChanged();
  }

  return (
    <Can permission="policies:admin">
      <Button look="danger" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
        Delete
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Delete this permission?"
        description={
          permission.effect === "deny"
            ? "It refuses no call from then on: other permissions and the classification decide."
            : "It lets no call pass from then on: other permissions and the classification decide."
        }
        action="Delete permission"
        onConfirm={remove}
      />
    </Can>
  );
}
