"use client";

import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { plural } from "@/lib/number";
import { approve, type Approval } from "./api";
import { Refused } from "./refused";
import { useDecide } from "./use-decide";
import { requesterOf } from "./who";

interface Props {
  approval: Approval;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const MOST_USES = 1000;
const LONGEST_NOTE = 1000;

const VALIDITIES = [
  { value: "", name: "As the settings say" },
  { value: "300", name: "5 minutes" },
  { value: "900", name: "15 minutes" },
  { value: "3600", name: "1 hour" },
  { value: "28800", name: "8 hours" },
  { value: "86400", name: "1 day" },
  { value: "604800", name: "7 days" },
];

export function ApproveDialog({ approval, open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Approve ${approval.tool_name}?`}
      description={`${requesterOf(approval)} may then call it on ${approval.mcp_server} with exactly these arguments.`}
    >
      <Question approval={approval} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Question({ approval, onDone }: { approval: Approval; onDone: () => void }) {
  const [uses, setUses] = useState("1");
  const [validity, setValidity] = useState("");
  const [note, setNote] = useState("");
  const submit = useDecide(
    () =>
      approve(approval.id, {
        max_uses: Number(uses),
        note: note.trim(),
        ...(validity && { valid_seconds: Number(validity) }),
      }),
    `${approval.tool_name} may be called ${plural(Number(uses), "time")}.`,
    onDone,
  );
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <Refused problem={submit.problem} shown={["max_uses", "valid_seconds", "note"]} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="How many times"
          hint={`1 to ${MOST_USES}`}
          type="number"
          inputMode="numeric"
          required
          min={1}
          max={MOST_USES}
          step={1}
          value={uses}
          onChange={(event) => setUses(event.target.value)}
          problem={submit.about("max_uses")}
        />
        <SelectField
          label="For how long"
          hint="Unused, it lapses then."
          options={VALIDITIES}
          value={validity}
          onChange={setValidity}
          problem={submit.about("valid_seconds")}
        />
      </div>
      <TextAreaField
        label="Note"
        hint="For whoever asked, and for the audit log. It may stay empty."
        maxLength={LONGEST_NOTE}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        problem={submit.about("note")}
      />
      <FormEnd action="Approve" busy={submit.busy} onCancel={onDone} />
    </form>
  );
}
