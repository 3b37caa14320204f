"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Activity, MoreHorizontal, RefreshCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { toast, toastProblem } from "@/components/ui/toast";
import { namesChanged } from "@/lib/directory/directory";
import { useMay } from "@/lib/session/session";
import {
  deleteServer,
  refreshServer,
  serverQuery,
  testServer,
  updateServer,
  type Server,
} from "@/features/servers/api";
import { ChangesResult } from "@/features/servers/changes-result";
import { TrialResult } from "@/features/servers/trial-result";

type Asked = "disable" | "delete" | null;

/** What may be done to a server, by those who administer it. */
export function ServerActions({ server }: { server: Server }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const refreshed = () => client.invalidateQueries({ queryKey: ["servers"] });
  const test = useMutation({
    mutationFn: () => testServer(server.id),
    onError: toastProblem,
  });
  const read = useMutation({
    mutationFn: () => refreshServer(server.id),
    onError: toastProblem,
    onSettled: refreshed,
  });
  const enable = useMutation({
    mutationFn: (enabled: boolean) => updateServer(server.id, server.version, { enabled }),
    onSuccess(saved) {
      client.setQueryData(serverQuery(saved.name).queryKey, saved);
      toast(saved.enabled ? `${saved.name} is enabled.` : `${saved.name} is disabled.`);
    },
    onError: toastProblem,
    onSettled: refreshed,
  });
  if (!useMay("servers:admin")) return null;
  return (
    <>
      <Button onClick={() => test.mutate()} disabled={test.isPending}>
        <Activity aria-hidden className="text-ink-3" />
        {test.isPending ? "Testing …" : "Test"}
      </Button>
      <Button onClick={() => read.mutate()} disabled={read.isPending}>
        <RefreshCw aria-hidden className="text-ink-3" />
        {read.isPending ? "Reading …" : "Read catalogue"}
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button aria-label="More to do">
            <MoreHorizontal aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {server.enabled ? (
            <DropdownMenuItem onSelect={() => setAsked("disable")}>Disable …</DropdownMenuItem>
          ) : (
            <DropdownMenuItem onSelect={() => enable.mutate(true)}>Enable</DropdownMenuItem>
          )}
          <DropdownMenuItem disabled={server.managed_by !== "api"} onSelect={() => setAsked("delete")}>
            {server.managed_by === "api" ? "Delete …" : "Delete: it comes from the environment"}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Dialog
        open={test.data !== undefined}
        onOpenChange={() => test.reset()}
        title={`Test of ${server.name}`}
      >
        {test.data && <TrialResult trial={test.data} />}
      </Dialog>
      <Dialog
        open={read.data !== undefined}
        onOpenChange={() => read.reset()}
        title={`Catalogue of ${server.name}`}
        description="What has changed since it was read before"
      >
        {read.data && <ChangesResult changes={read.data} />}
      </Dialog>
      <ConfirmDialog
        open={asked === "disable"}
        onOpenChange={(open) => !open && setAsked(null)}
        title={`Disable ${server.name}?`}
        description="Its calls are refused until it is enabled again. Nothing is lost."
        action="Disable server"
        // What went wrong is told by a toast.
        onConfirm={() => enable.mutateAsync(false).catch(() => undefined)}
      />
      <DeleteDialog server={server} open={asked === "delete"} onClose={() => setAsked(null)} />
    </>
  );
}

function DeleteDialog({ server, open, onClose }: { server: Server; open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const router = useRouter();
  async function remove() {
    if (!(await attempt(() => deleteServer(server), `${server.name} is deleted.`))) return;
    router.push("/servers");
    client.removeQueries({ queryKey: serverQuery(server.name).queryKey });
    void namesChanged(client, "server");
    await client.invalidateQueries({ queryKey: ["servers", "list"] });
  }
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${server.name}?`}
      description="Clients can no longer call it, and its credentials and settings are gone. Its traces and costs stay."
      action="Delete server"
      name={server.name}
      onConfirm={remove}
    />
  );
}
