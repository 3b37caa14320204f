"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Power, Send, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Can } from "@/components/can";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast, toastProblem } from "@/components/ui/toast";
import { alertHref } from "@/features/alerts/alert-href";
import { namesChanged } from "@/lib/directory/directory";
import { deleteRule, sendTest, switchRule, type Rule } from "./api";

export function RuleActions({ rule }: { rule: Rule }) {
  const client = useQueryClient();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<"test" | "delete" | null>(null);
  const onOpenChange = (open: boolean) => !open && setAsked(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["alerts"] });

  async function turn() {
    setBusy(true);
    await attempt(
      () => switchRule(rule, !rule.enabled),
      rule.enabled ? "The rule is off." : "The rule is on.",
    );
    await refresh();
    setBusy(false);
  }

  async function test() {
    try {
      const alert = await sendTest(rule.id);
      toast("A test alert is sent.");
      await refresh();
      router.push(alertHref(alert.id));
    } catch (error) {
      toastProblem(error);
    }
  }

  async function remove() {
    if (!(await attempt(() => deleteRule(rule), `The rule ${rule.name} is deleted.`))) {
      await refresh();
      return;
    }
    router.push("/alerts?tab=rules");
    client.removeQueries({ queryKey: ["alerts", "rules", "one", rule.id] });
    await namesChanged(client, "rule");
    await client.invalidateQueries({ queryKey: ["alerts", "rules", "list"] });
  }

  return (
    <Can permission="alerts:admin">
      <Button disabled={busy} onClick={() => void turn()}>
        <Power aria-hidden className="text-ink-3" />
        {rule.enabled ? "Switch off" : "Switch on"}
      </Button>
      <Button onClick={() => setAsked("test")}>
        <Send aria-hidden className="text-ink-3" />
        Send a test
      </Button>
      {rule.managed_by === "api" && (
        <Button look="danger" onClick={() => setAsked("delete")}>
          <Trash2 aria-hidden />
          Delete
        </Button>
      )}
      <ConfirmDialog
        open={asked === "test"}
        onOpenChange={onOpenChange}
        title="Send a test alert?"
        description="An alert that is marked as a test opens, and the rule's channels are told, silenced or not. It is acknowledged and resolved like any other."
        action="Send test"
        onConfirm={test}
      />
      <ConfirmDialog
        open={asked === "delete"}
        onOpenChange={onOpenChange}
        title="Delete this rule?"
        description="Its open alert is over. What it has fired stays on record."
        action="Delete rule"
        name={rule.name}
        onConfirm={remove}
      />
    </Can>
  );
}
