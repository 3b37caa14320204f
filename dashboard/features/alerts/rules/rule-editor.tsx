"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useDraft } from "@/components/form/use-draft";
import { toast } from "@/components/ui/toast";
import { useMay } from "@/lib/session/session";
import { ruleQuery, type Rule } from "./api";
import { draftOf, NEW_DRAFT, previewable } from "./draft";
import { PreviewCard } from "./preview-card";
import { RuleForm } from "./rule-form";

interface Props {
  rule?: Rule;
  onSaved?: (rule: Rule) => void;
  onCancel?: () => void;
}

/** The form and beside it what it would have done. */
export function RuleEditor({ rule: loaded, onSaved, onCancel }: Props) {
  const client = useQueryClient();
  const mayAdmin = useMay("alerts:admin");
  // What the form began with. The one that is loaded is measured anew all the time, and may be another's by now.
  const [rule, setRule] = useState(loaded);
  const [draft, put, setDraft] = useDraft(rule ? draftOf(rule) : NEW_DRAFT);
  const tried = useMemo(() => previewable(draft), [draft]);

  function begin(from: Rule) {
    setRule(from);
    setDraft(draftOf(from));
  }

  // Switched on or off from above: what was not touched here goes along.
  if (loaded && rule && loaded.version > rule.version && isUntouched(draft, rule)) begin(loaded);

  async function takeTheirs() {
    if (loaded) begin(await client.fetchQuery({ ...ruleQuery(loaded.id), staleTime: 0 }));
  }

  function saved(answer: Rule) {
    toast(rule ? "The rule is saved." : `The rule ${answer.name} is made.`);
    begin(answer);
    onSaved?.(answer);
  }

  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <RuleForm
        // Told anew what was wrong with it once it begins anew.
        key={rule?.version ?? 0}
        rule={rule}
        draft={draft}
        put={put}
        readOnly={!mayAdmin}
        onSaved={saved}
        onCancel={() => (onCancel ? onCancel() : loaded && begin(loaded))}
        onTakeTheirs={() => void takeTheirs()}
      />
      <div className="xl:sticky xl:top-5">
        <PreviewCard rule={tried} />
      </div>
    </div>
  );
}

function isUntouched(draft: object, rule: Rule): boolean {
  return JSON.stringify(draft) === JSON.stringify(draftOf(rule));
}
