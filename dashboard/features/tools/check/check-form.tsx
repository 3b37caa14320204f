"use client";

import { useState, type FormEvent } from "react";
import { SelectField, type Option } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { useDraft } from "@/components/form/use-draft";
import { Button } from "@/components/ui/button";
import { SubjectField, SUBJECTS } from "@/features/tools/subject-field";
import { useMay } from "@/lib/session/session";
import { askedOf, BY_ME, type Asked, type AskedProblems, type Caller } from "./asked";

const ME: Option<Caller> = { value: "me", name: "You" };

/** Whose call it is, and with which arguments. Who may not read policies asks about themselves. */
export function CheckForm({ onAsk }: { onAsk: (asked: Asked) => void }) {
  const mayAskAboutOthers = useMay("policies:read");
  const [draft, put] = useDraft(BY_ME);
  const [problems, setProblems] = useState<AskedProblems>({});

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const read = askedOf(draft);
    setProblems("problems" in read ? read.problems : {});
    if ("asked" in read) onAsk(read.asked);
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      {mayAskAboutOthers && (
        <SelectField
          label="A call by"
          value={draft.caller}
          options={[ME, ...SUBJECTS]}
          onChange={(caller) => {
            put("caller", caller);
            put("subject_id", "");
          }}
        />
      )}
      {draft.caller !== "me" && (
        <SubjectField
          kind={draft.caller}
          value={draft.subject_id}
          onChange={(id) => put("subject_id", id)}
          problem={problems.subject_id}
        />
      )}
      <TextAreaField
        code
        label="With the arguments"
        rows={3}
        placeholder="{}"
        value={draft.arguments}
        onChange={(event) => put("arguments", event.target.value)}
        hint="JSON. Empty: not known, which counts against the call wherever a permission asks about them"
        problem={problems.arguments}
      />
      <Button type="submit" className="self-start">
        Check
      </Button>
    </form>
  );
}
