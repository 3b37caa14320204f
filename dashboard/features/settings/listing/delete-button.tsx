"use client";

import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState, type ReactNode } from "react";
import { Can } from "@/components/can";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";

interface Props {
  /** “webhook”. */
  noun: string;
  /** To be typed. */
  name: string;
  description: ReactNode;
  permission: string;
  onDelete: () => Promise<unknown>;
  /** The list that it is gone from, and its page. */
  queryKey: QueryKey;
  listHref: string;
}

/** Deletes what its page is about, and goes to the list. */
export function DeleteButton({ noun, name, description, permission, onDelete, queryKey, listHref }: Props) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const router = useRouter();

  async function remove() {
    if (!(await attempt(onDelete, `Deleted ${name}.`))) return;
    router.replace(listHref);
    void client.invalidateQueries({ queryKey: [...queryKey, "list"] });
  }

  return (
    <Can permission={permission}>
      <Button look="danger" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden />
        Delete
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete this ${noun}?`}
        description={description}
        action={`Delete ${noun}`}
        name={name}
        onConfirm={remove}
      />
    </Can>
  );
}
