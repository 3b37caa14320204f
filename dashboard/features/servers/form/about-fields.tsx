"use client";

import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import { nameOfUrl, type AboutDraft } from "./draft";

export const TRANSPORTS = [
  { value: "streamable_http", name: "Streamable HTTP" },
  { value: "sse", name: "HTTP with SSE (legacy, 2024-11-05)" },
];

export interface FieldsProps<Draft> {
  draft: Draft;
  onChange: (changes: Partial<Draft>) => void;
  /** What the API says of a field, by its dotted path. */
  about: (field: string) => string | undefined;
}

/** Where a server is and what it is called. Its name is fixed once it is registered. */
export function AboutFields({
  draft,
  onChange,
  about,
  isNew,
}: FieldsProps<AboutDraft> & { isNew?: boolean }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label="Address"
        hint="Where the server takes MCP requests, by http or https. It may be a private address."
        type="url"
        inputMode="url"
        required
        placeholder="https://mcp.example.com/mcp"
        autoComplete="off"
        spellCheck={false}
        value={draft.url}
        onChange={(event) => onChange({ url: event.target.value })}
        onBlur={() => isNew && draft.name === "" && onChange({ name: nameOfUrl(draft.url.trim()) })}
        problem={about("url")}
        className="sm:col-span-2"
      />
      <SelectField
        label="Transport"
        options={TRANSPORTS}
        value={draft.transport}
        onChange={(transport) => onChange({ transport: transport as AboutDraft["transport"] })}
        problem={about("transport")}
      />
      {isNew && (
        <Field
          label="Name"
          hint="Part of the address that clients call, /mcp/<name>. It cannot be changed later."
          required
          pattern="[a-z][a-z0-9\-]{0,62}"
          title="A small letter, then small letters, digits or -"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={draft.name}
          onChange={(event) => onChange({ name: event.target.value })}
          problem={about("name")}
        />
      )}
      <Field
        label="Display name"
        hint="Optional"
        maxLength={200}
        value={draft.display_name}
        onChange={(event) => onChange({ display_name: event.target.value })}
        problem={about("display_name")}
      />
      <Field
        label="Tags"
        hint="Optional, separated by commas"
        value={draft.tags}
        onChange={(event) => onChange({ tags: event.target.value })}
        problem={about("tags")}
      />
      <TextAreaField
        label="Description"
        hint="Optional"
        maxLength={5000}
        value={draft.description}
        onChange={(event) => onChange({ description: event.target.value })}
        problem={about("description")}
        className="sm:col-span-2"
      />
    </div>
  );
}
