"use client";

import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { useSubmit } from "@/components/form/use-submit";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import type { Job, JobType } from "./api";
import { paramsOf } from "./params";
import { JOB_TYPES } from "./types";
import { useStartJob } from "./use-start-job";

interface Props {
  onClose: () => void;
  onStarted: (job: Job) => void;
}

export function StartDialog({ onClose, onStarted }: Props) {
  return (
    <Dialog open onOpenChange={onClose} title="Start a job" description="At most ten wait at once.">
      <StartForm onClose={onClose} onStarted={onStarted} />
    </Dialog>
  );
}

function StartForm({ onClose, onStarted }: Props) {
  const [type, setType] = useState<JobType>("audit_verify");
  const [isDry, setDry] = useState(true);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const start = useStartJob(onStarted);
  const { busy, problem, about, onSubmit } = useSubmit(() =>
    start.mutateAsync({ type, params: paramsOf(type, { isDry, from, until }) }),
  );

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-medium">Which</legend>
        {(Object.keys(JOB_TYPES) as JobType[]).map((one) => (
          <div key={one} className="rounded-md px-2 py-1.5 text-sm hover:bg-sunken">
            <label className="flex items-center gap-2.5 font-medium">
              <input
                type="radio"
                name="type"
                aria-describedby={`says-${one}`}
                className="size-4 shrink-0 accent-accent"
                checked={type === one}
                onChange={() => setType(one)}
              />
              {JOB_TYPES[one].name}
            </label>
            <p id={`says-${one}`} className="pl-6.5 text-ink-3">
              {JOB_TYPES[one].says}
            </p>
          </div>
        ))}
      </fieldset>
      {type === "retention" && (
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={isDry}
            onChange={({ target }) => setDry(target.checked)}
          />
          Dry run: only count what would go
        </label>
      )}
      {type === "rollup_backfill" && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="From the day"
            hint="In UTC"
            type="date"
            required
            value={from}
            problem={about("params.start_time")}
            onChange={({ target }) => setFrom(target.value)}
          />
          <Field
            label="Until the day"
            hint="Not with it; empty: until now"
            type="date"
            value={until}
            problem={about("params.end_time")}
            onChange={({ target }) => setUntil(target.value)}
          />
        </div>
      )}
      <FormProblem problem={problem} fields={["params.start_time", "params.end_time"]} />
      <FormEnd
        danger={type === "retention" && !isDry}
        action={type === "retention" && !isDry ? "Delete what is due" : "Start"}
        busy={busy}
        onCancel={onClose}
      />
    </form>
  );
}
