"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useId } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { PickerField } from "@/components/form/picker-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useDirectory } from "@/lib/directory/directory";
import { readObject } from "@/lib/json/read-json";
import { useMay } from "@/lib/session/session";
import { remember, requestApproval } from "./api";
import { approvalHref } from "./approval-href";

const SHOWN = ["mcp_server", "tool_name", "arguments", "reason", "api_key_id"];
const EMPTY = { mcp_server: "", tool_name: "", arguments: "{}", reason: "", api_key_id: "" };

export function RequestForm({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const client = useQueryClient();
  const servers = useDirectory("server");
  const mayListKeys = useMay("keys:read");
  const [form, put] = useDraft(EMPTY);
  const given = readObject(form.arguments.trim() || "{}");
  const submit = useSubmit(
    () => {
      const { api_key_id, ...rest } = form;
      return requestApproval({
        ...rest,
        arguments: given.value ?? {},
        ...(api_key_id && { api_key_id }),
      });
    },
    (approval) => {
      remember(client, approval);
      toast("It was asked for.");
      onDone();
      router.push(approvalHref(approval));
    },
  );
  const list = useId();
  const field = (name: keyof typeof EMPTY) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => put(name, event.target.value),
    problem: submit.about(name),
  });

  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <FormProblem problem={submit.problem} fields={SHOWN} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Server" required maxLength={63} list={list} {...field("mcp_server")} />
        <Field label="Tool" required maxLength={255} {...field("tool_name")} />
      </div>
      <datalist id={list}>
        {servers.all?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextAreaField
        code
        rows={6}
        label="Arguments"
        hint="A JSON object. The approval fits no other arguments."
        {...field("arguments")}
        problem={given.problem ?? submit.about("arguments")}
      />
      <TextAreaField
        label="Reason"
        hint="Helps whoever decides."
        rows={2}
        maxLength={1000}
        {...field("reason")}
      />
      {mayListKeys && (
        <PickerField
          label="Key that will call"
          kind="api_key"
          hint="None: you, with any key of yours."
          value={form.api_key_id}
          onChange={(api_key_id) => put("api_key_id", api_key_id)}
          onClear={() => put("api_key_id", "")}
          problem={submit.about("api_key_id")}
        />
      )}
      <FormEnd action="Ask" busy={submit.busy} disabled={given.problem !== undefined} onCancel={onDone} />
    </form>
  );
}
