"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { useSubmit } from "@/components/form/use-submit";
import { Name } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/time";
import { toast } from "@/components/ui/toast";
import { detectionQuery, judge, type Detection } from "@/features/safety/api";
import { Disposition } from "@/features/safety/looks";
import { DISPOSITIONS } from "@/features/safety/vocabulary";
import type { Schemas } from "@/lib/api/client";
import { useMay } from "@/lib/session/session";

/** Whether a detection was one, by a person. */
export function Judgement({ detection }: { detection: Detection }) {
  const mayJudge = useMay("policies:admin");
  return (
    <Card title="Disposition" description={<Reviewed detection={detection} />}>
      {mayJudge ? <JudgementForm detection={detection} /> : <JudgementText detection={detection} />}
    </Card>
  );
}

function Reviewed({ detection: { reviewed_by: by, reviewed_at: at } }: { detection: Detection }) {
  if (!at) return "Nobody has reviewed it yet";
  return (
    <>
      Reviewed <RelativeTime at={at} />
      {by && (
        <>
          {" by "}
          <Name kind="user" id={by} />
        </>
      )}
    </>
  );
}

function JudgementText({ detection }: { detection: Detection }) {
  return (
    <div className="flex flex-col items-start gap-2 text-sm">
      <Disposition disposition={detection.disposition} />
      {detection.note && <p className="break-words whitespace-pre-wrap">{detection.note}</p>}
    </div>
  );
}

function JudgementForm({ detection }: { detection: Detection }) {
  const client = useQueryClient();
  const group = useId();
  const [disposition, setDisposition] = useState(detection.disposition);
  const [note, setNote] = useState(detection.note ?? "");
  const isChanged = disposition !== detection.disposition || note.trim() !== (detection.note ?? "");

  const submit = useSubmit(
    () =>
      judge(detection.id, {
        disposition: disposition as Schemas["DetectionDisposition"],
        note: note.trim() || null,
      }),
    (judged) => {
      toast("The disposition was saved.");
      client.setQueryData(detectionQuery(detection.id).queryKey, judged);
      void client.invalidateQueries({ queryKey: ["safety", "detections"] });
    },
  );

  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <FormProblem problem={submit.problem} fields={["note"]} />
      <fieldset className="grid gap-2.5 sm:grid-cols-3">
        <legend className="sr-only">What it was</legend>
        {DISPOSITIONS.map(({ value, name, hint }) => (
          <label key={value} className="flex items-start gap-2 text-sm">
            <input
              type="radio"
              name={group}
              className="mt-0.5 size-4 shrink-0 accent-accent"
              checked={disposition === value}
              onChange={() => setDisposition(value)}
            />
            <span>
              {name}
              <span className="block text-ink-3">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <TextAreaField
        label="Note"
        rows={2}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        problem={submit.about("note")}
      />
      <FormEnd action="Save" busy={submit.busy} disabled={!isChanged} />
    </form>
  );
}
