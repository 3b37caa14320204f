"use client";

import { useState, type FormEvent } from "react";
import { CheckField } from "@/components/form/check-field";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { tryText, type PolicyForm, type Verdict as VerdictData } from "@/features/safety/api";
import { DIRECTIONS } from "@/features/safety/vocabulary";
import type { Schemas } from "@/lib/api/client";
import { problemAbout } from "@/lib/api/problem-about";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { useDirectory } from "@/lib/directory/directory";
import { readInput } from "./read-input";
import { Verdict } from "./verdict";

interface Props {
  /** The policy that is being written: tried as it stands, saved or not. Without it: those there are. */
  draft?: PolicyForm;
}

const EMPTY = { text: "", json: false, direction: "request", server: "", tool: "", policy: "" };
const SHOWN = ["input", "direction", "mcp_server", "tool_name", "policy_id"];

/** A text is run through policies, without a call and without a record. */
export function TestBox({ draft }: Props) {
  const [form, setForm] = useState(EMPTY);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [misread, setMisread] = useState<string>();
  const [found, setFound] = useState<{ verdict: VerdictData; text: string | null } | null>(null);
  const policies = useDirectory("policy", draft === undefined);
  const set = (changes: Partial<typeof EMPTY>) => setForm({ ...form, ...changes });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const read = readInput(form.text, form.json);
    setMisread(read.problem);
    if (read.problem !== undefined) return;
    setBusy(true);
    setProblem(null);
    try {
      const verdict = await tryText({
        input: read.input,
        direction: form.direction as Schemas["SafetyDirection"],
        ...(form.server.trim() && { mcp_server: form.server.trim() }),
        ...(form.tool.trim() && { tool_name: form.tool.trim() }),
        ...(draft ? { policy: draft } : form.policy && { policy_id: form.policy }),
      });
      setFound({ verdict, text: read.text });
    } catch (error) {
      setProblem(asApiError(error));
      setFound(null);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card
      title="Try it on a text"
      description={
        draft ? "With the policy as it is written here. Nothing is recorded." : "Nothing is recorded."
      }
      className={draft ? undefined : "max-w-5xl"}
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <FormProblem problem={problem} fields={SHOWN} />
        <TextAreaField
          code
          rows={7}
          label="Text"
          required
          value={form.text}
          onChange={(event) => set({ text: event.target.value })}
          problem={misread ?? problemAbout(problem, "input")}
        />
        <CheckField
          label="It is JSON"
          hint="Then the strings in it are looked at, as in the arguments of a call."
          checked={form.json}
          onChange={(json) => set({ json })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="As a"
            options={SURFACES}
            value={form.direction}
            onChange={(direction) => set({ direction })}
            problem={problemAbout(problem, "direction")}
          />
          {!draft && (
            <SelectField
              label="With"
              options={[{ value: "", name: "All policies that are on" }, ...(policies.options ?? [])]}
              value={form.policy}
              onChange={(policy) => set({ policy })}
              problem={problemAbout(problem, "policy_id")}
            />
          )}
          <Field
            label="On the server"
            hint="Empty: wherever the policy is for"
            maxLength={100}
            value={form.server}
            onChange={(event) => set({ server: event.target.value })}
            problem={problemAbout(problem, "mcp_server")}
          />
          <Field
            label="For the tool"
            maxLength={255}
            value={form.tool}
            onChange={(event) => set({ tool: event.target.value })}
            problem={problemAbout(problem, "tool_name")}
          />
        </div>
        <Button type="submit" look={draft ? "secondary" : "primary"} disabled={busy} className="self-start">
          {busy ? "Trying …" : "Try"}
        </Button>
      </form>
      <div role="status" className="mt-5 empty:hidden">
        {found && <Verdict {...found} />}
      </div>
    </Card>
  );
}

/** One of them: “request”, not “requests”. */
const SURFACES = DIRECTIONS.map(({ value, name }) => ({ value, name: name.replace(/s$/, "") }));
