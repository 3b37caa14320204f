"use client";

import type { FormEvent } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { Card } from "@/components/ui/card";
import { problemAbout } from "@/lib/api/problem-about";
import type { Server, ServerPatch } from "@/features/servers/api";
import { AboutFields } from "@/features/servers/form/about-fields";
import { AuthFields } from "@/features/servers/form/auth-fields";
import { aboutBody, authBody, draftOf, tlsBody, type ServerDraft } from "@/features/servers/form/draft";
import { LimitsFields } from "@/features/servers/form/limits-fields";
import { limitsBody, limitsOf, type LimitsDraft } from "@/features/servers/form/limits";
import { TlsFields } from "@/features/servers/form/tls-fields";
import { useServerDraft } from "./use-server-draft";

interface Draft extends ServerDraft {
  limits: LimitsDraft;
  payload_capture: Server["payload_capture"];
}

const CAPTURES = [
  { value: "", name: "As the organization's settings say" },
  { value: "none", name: "Nothing" },
  { value: "redacted", name: "Redacted" },
  { value: "full", name: "Everything" },
];

const read = (server: Server): Draft => ({
  ...draftOf(server),
  limits: limitsOf(server),
  payload_capture: server.payload_capture,
});

const body = (draft: Draft): ServerPatch => ({
  ...aboutBody(draft.about),
  auth: authBody(draft.auth),
  tls: tlsBody(draft.tls),
  ...limitsBody(draft.limits),
  payload_capture: draft.payload_capture,
});

/** Everything about a server that can be changed, but its prices. */
export function SettingsTab({ server }: { server: Server }) {
  const form = useServerDraft(server, read, body);
  const { draft, setDraft } = form;
  const about = (field: string) => problemAbout(form.problem, field);

  function change<Part extends "about" | "auth" | "tls" | "limits">(
    part: Part,
    changes: Partial<Draft[Part]>,
  ) {
    setDraft((draft) => ({ ...draft, [part]: { ...draft[part], ...changes } }));
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    form.save();
  }
  return (
    <form onSubmit={submit} className="flex max-w-4xl flex-col gap-5">
      {server.managed_by === "env" && (
        <p className="rounded-lg border bg-sunken px-3 py-2 text-sm text-ink-2">
          This server comes from the environment: what its variables give cannot be changed here.
        </p>
      )}
      <FormProblem
        problem={form.problem}
        fields={namesOf(form.problem?.fields, about)}
        onTakeTheirs={form.reload}
      />
      <Card title="Address">
        <AboutFields draft={draft.about} onChange={(it) => change("about", it)} about={about} />
      </Card>
      <Card title="Credentials">
        <div className="flex flex-col gap-4">
          <AuthFields
            draft={draft.auth}
            onChange={(it) => change("auth", it)}
            about={about}
            stored={server.auth}
          />
          <TlsFields
            draft={draft.tls}
            onChange={(it) => change("tls", it)}
            about={about}
            keySet={server.tls.client_key_pem_set}
          />
        </div>
      </Card>
      <Card title="Limits">
        <div className="flex flex-col gap-5">
          <LimitsFields
            draft={draft.limits}
            onChange={(it) => change("limits", it as LimitsDraft)}
            about={about}
          />
        </div>
      </Card>
      <Card title="Payloads">
        <SelectField
          label="What is kept of arguments and results"
          hint="Beside the trace of each call"
          options={CAPTURES}
          value={draft.payload_capture ?? ""}
          onChange={(chosen) =>
            setDraft((draft) => ({ ...draft, payload_capture: (chosen || null) as Draft["payload_capture"] }))
          }
          problem={about("payload_capture")}
          className="max-w-sm"
        />
      </Card>
      <FormEnd
        action="Save"
        cancel="Undo changes"
        busy={form.saving}
        disabled={!form.dirty}
        onCancel={form.dirty ? form.reset : undefined}
      />
    </form>
  );
}

/** Each field of the API has its place here, where what is wrong with it is said; lists as a whole. */
function namesOf(fields: { field: string }[] = [], about: (field: string) => string | undefined): string[] {
  return fields.map(({ field }) => field).filter((field) => about(field) !== undefined && PLACES.test(field));
}

const PLACES =
  /^(url|transport|display_name|description|tags|auth|tls|retry|breaker|\w+_(ms|seconds|bytes|concurrency|capture))\b/;
