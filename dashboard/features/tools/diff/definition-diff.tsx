import type { ReactNode } from "react";
import { LineDiff } from "@/components/diff/line-diff";
import { WordDiff } from "@/components/diff/word-diff";
import type { Tool } from "@/features/tools/api";
import { diffLines } from "@/lib/diff/diff";
import { approvedOf, canonical, currentOf, sameJson, schemaChanges } from "./definition";
import { RowChanges } from "./row-changes";

/** What is different from what was approved: in words first, in JSON below. */
export function DefinitionDiff({ tool }: { tool: Tool }) {
  const before = approvedOf(tool);
  const after = currentOf(tool);
  if (!before) return null;
  if (sameJson(before, after))
    return <p className="text-sm text-ink-2">The definition is the one that was approved.</p>;
  return (
    <div className="flex flex-col gap-4">
      {before.title !== after.title && <TextDiff title="Title" before={before.title} after={after.title} />}
      {before.description !== after.description && (
        <TextDiff title="Description" before={before.description} after={after.description} />
      )}
      <SchemaDiff title="Input" before={before.input} after={after.input} />
      <SchemaDiff title="Output" before={before.output} after={after.output} />
      {!sameJson(before.annotations, after.annotations) && (
        <Part title="Annotations">
          <JsonDiff label="Annotations" before={before.annotations} after={after.annotations} />
        </Part>
      )}
    </div>
  );
}

function TextDiff({ title, before, after }: { title: string; before: string; after: string }) {
  return (
    <Part title={title}>
      <p className="rounded-lg border bg-canvas px-3 py-2 text-sm break-words whitespace-pre-wrap">
        <WordDiff before={before} after={after} />
      </p>
    </Part>
  );
}

function SchemaDiff({ title, before, after }: { title: string; before: unknown; after: unknown }) {
  if (sameJson(before, after)) return null;
  const changes = schemaChanges(before, after);
  const json = <JsonDiff label={`${title} schema`} before={before} after={after} />;
  // Not every keyword is told in words: then the JSON is all there is.
  if (changes.length === 0) return <Part title={title}>{json}</Part>;
  return (
    <Part title={title}>
      <RowChanges label={`Changes of the ${title.toLowerCase()}`} changes={changes} />
      <details className="mt-2">
        <summary className="text-sm text-ink-2">As JSON</summary>
        <div className="mt-2">{json}</div>
      </details>
    </Part>
  );
}

function JsonDiff({ label, before, after }: { label: string; before: unknown; after: unknown }) {
  const lines = diffLines(canonical(before), canonical(after));
  return <LineDiff label={`${label}, before and now`} lines={lines} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-medium text-ink-3">{title}</h3>
      {children}
    </section>
  );
}
