"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/components/ui/toast";
import { asApiError } from "@/lib/api/problem";
import { namesChanged } from "@/lib/directory/directory";
import { useUnsavedWarning } from "@/lib/use-unsaved-warning";
import { serverQuery, updateServer, type Server, type ServerPatch } from "@/features/servers/api";

/**
 * A form about a saved server. It is changed from the version it was filled from, so that nobody's change is undone
 * unseen; while nothing is typed it follows what is saved.
 */
export function useServerDraft<Draft>(
  server: Server,
  read: (server: Server) => Draft,
  body: (draft: Draft) => ServerPatch,
) {
  const client = useQueryClient();
  const [base, setBase] = useState(server);
  const [draft, setDraft] = useState(() => read(server));
  const dirty = JSON.stringify(draft) !== JSON.stringify(read(base));
  useUnsavedWarning(dirty);

  function take(current: Server) {
    setBase(current);
    setDraft(read(current));
  }
  if (!dirty && server.version > base.version) take(server);

  const save = useMutation({
    mutationFn: () => updateServer(base.id, base.version, body(draft)),
    onSuccess(saved) {
      take(saved);
      client.setQueryData(serverQuery(saved.name).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["servers"] });
      void namesChanged(client, "server");
      toast("Saved. The gateway uses it within two seconds.");
    },
  });
  async function reload() {
    save.reset();
    take(await client.fetchQuery({ ...serverQuery(server.name), staleTime: 0 }));
  }
  return {
    draft,
    setDraft,
    dirty,
    problem: save.error && asApiError(save.error),
    saving: save.isPending,
    save: () => save.mutate(),
    reset: () => {
      save.reset();
      take(server);
    },
    reload: () => void reload(),
  };
}
