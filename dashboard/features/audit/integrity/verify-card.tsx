"use client";

import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { verify } from "@/features/audit/api";
import { problemAbout } from "@/lib/api/problem-about";
import { asApiError } from "@/lib/api/problem";
import { VerifyResult } from "./verify-result";

/** Empty is the first row there is, or the last. */
function toNumber(text: string): number | undefined {
  return text.trim() === "" ? undefined : Number(text);
}

export function VerifyCard() {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const check = useMutation({ mutationFn: () => verify(toNumber(from), toNumber(to)) });
  const problem = check.error && asApiError(check.error);

  function submit(event: FormEvent) {
    event.preventDefault();
    check.mutate();
  }

  return (
    <Card
      title="Verify the chain"
      description="Every row is hashed anew, compared with the one before, and held against what was signed"
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormProblem problem={problem} fields={["start_seq", "end_seq"]} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="From row no."
            hint="Empty: the first there is"
            type="number"
            inputMode="numeric"
            min={1}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
            problem={problemAbout(problem, "start_seq")}
          />
          <Field
            label="To row no."
            hint="Empty: the last"
            type="number"
            inputMode="numeric"
            min={1}
            value={to}
            onChange={(event) => setTo(event.target.value)}
            problem={problemAbout(problem, "end_seq")}
          />
        </div>
        <Button type="submit" look="primary" disabled={check.isPending} className="self-start">
          {check.isPending ? "Verifying …" : "Verify"}
        </Button>
      </form>
      <div role="status" className="empty:hidden">
        {check.data && !check.isPending && <VerifyResult verification={check.data} />}
      </div>
    </Card>
  );
}
