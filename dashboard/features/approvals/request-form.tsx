"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useId, useState, type FormEvent } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { problemAbout } from "@/lib/api/problem-about";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { keysQuery, remember, requestApproval, serverNamesQuery } from "./api";
import { approvalHref } from "./approval-href";
import { readArguments } from "./read-arguments";

const SHOWN = ["mcp_server", "tool_name", "arguments", "reason", "api_key_id"];
const ME = { value: "", name: "I, with any key of mine" };
const EMPTY = { mcp_server: "", tool_name: "", arguments: "{}", reason: "", api_key_id: "" };

export function RequestForm({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const client = useQueryClient();
  const servers = useQuery({ ...serverNamesQuery, enabled: useMay("servers:read") });
  const keys = useQuery({ ...keysQuery, enabled: useMay("keys:read") });
  const [form, setForm] = useState(EMPTY);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [misread, setMisread] = useState<string>();
  const list = useId();
  const field = (name: keyof typeof EMPTY) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
    problem: problemAbout(problem, name),
  });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const read = readArguments(form.arguments);
    setMisread(read.problem);
    if (!read.value) return;
    setBusy(true);
    setProblem(null);
    try {
      const { api_key_id, ...rest } = form;
      const approval = await requestApproval({
        ...rest,
        arguments: read.value,
        ...(api_key_id && { api_key_id }),
      });
      remember(client, approval);
      toast("It was asked for.");
      onDone();
      router.push(approvalHref(approval));
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <FormProblem problem={problem} fields={SHOWN} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Server" required maxLength={63} list={list} {...field("mcp_server")} />
        <Field label="Tool" required maxLength={255} {...field("tool_name")} />
      </div>
      <datalist id={list}>
        {servers.data?.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextAreaField
        code
        rows={6}
        label="Arguments"
        hint="A JSON object. The approval fits no other arguments."
        {...field("arguments")}
        problem={misread ?? problemAbout(problem, "arguments")}
      />
      <TextAreaField
        label="Reason"
        hint="Helps whoever decides."
        rows={2}
        maxLength={1000}
        {...field("reason")}
      />
      {keys.data && keys.data.length > 0 && (
        <SelectField
          label="Who will call"
          options={[
            ME,
            ...keys.data.map(({ id, name }) => ({ value: id as string, name: `The key ${name}` })),
          ]}
          value={form.api_key_id}
          onChange={(api_key_id) => setForm({ ...form, api_key_id })}
          problem={problemAbout(problem, "api_key_id")}
        />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? "Asking …" : "Ask"}
        </Button>
      </div>
    </form>
  );
}
