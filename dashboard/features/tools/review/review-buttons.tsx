"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Ban, Check } from "lucide-react";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { useSubmit } from "@/components/form/use-submit";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useMay } from "@/lib/session/session";
import { reviewTool, toolQuery, type Decision, type Tool } from "@/features/tools/api";

/** Approve or block a definition, as far as that changes something. */
export function ReviewButtons({ tool }: { tool: Tool }) {
  const [decision, setDecision] = useState<Decision | null>(null);
  if (!useMay("policies:admin") || tool.status === "removed") return null;
  return (
    <>
      {tool.status !== "blocked" && (
        <Button look="danger" onClick={() => setDecision("block")}>
          <Ban aria-hidden />
          Block
        </Button>
      )}
      {tool.status !== "active" && (
        <Button look="primary" onClick={() => setDecision("approve")}>
          <Check aria-hidden />
          Approve
        </Button>
      )}
      <Dialog
        open={decision !== null}
        onOpenChange={(open) => !open && setDecision(null)}
        title={decision === "block" ? `Block ${tool.name}?` : `Approve ${tool.name}?`}
        description={
          decision === "block"
            ? "Clients no longer see it, and calls of it are refused, until somebody approves it."
            : "Calls of it go through as its classification and permissions say, until its definition changes."
        }
      >
        {decision && <Form tool={tool} decision={decision} onDone={() => setDecision(null)} />}
      </Dialog>
    </>
  );
}

function Form({ tool, decision, onDone }: { tool: Tool; decision: Decision; onDone: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const submit = useSubmit(
    () =>
      reviewTool(tool, decision, note).finally(() => {
        // Also of servers: they count what waits.
        for (const key of ["tools", "servers", "overview"])
          void client.invalidateQueries({ queryKey: [key] });
      }),
    (reviewed) => {
      client.setQueryData(toolQuery(tool.id).queryKey, reviewed);
      toast(decision === "block" ? `${tool.name} is blocked.` : `${tool.name} is approved.`);
      onDone();
    },
  );
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      {submit.problem?.code === "conflict" ? (
        <p role="alert" className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">
          The definition changed while you looked at it. Nothing was decided: close this and look at it again.
        </p>
      ) : (
        <FormProblem problem={submit.problem} fields={["note"]} />
      )}
      <TextAreaField
        label="Note"
        hint="Optional, for the audit log"
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        problem={submit.about("note")}
      />
      <FormEnd
        danger={decision === "block"}
        action={decision === "block" ? "Block tool" : "Approve tool"}
        busy={submit.busy}
        disabled={submit.problem?.code === "conflict"}
        onCancel={onDone}
      />
    </form>
  );
}
