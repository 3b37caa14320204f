import type { ReactNode } from "react";
import type { Tool } from "@/features/tools/api";
import { approvedOf, canonical, currentOf, sameJson, schemaChanges } from "./definition";
import { Diffed } from "./diffed";
import { RowChanges } from "./row-changes";
import { diffLines, diffWords } from "./text-diff";

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
        <Diffed parts={diffWords(before, after)} />
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
  return (
    <pre
      // Scrolls, so the keyboard must reach it.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={`${label}, before and now`}
      className="max-h-96 overflow-auto rounded-lg border bg-canvas p-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
    >
      <Diffed parts={diffLines(canonical(before), canonical(after))} />
    </pre>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-medium text-ink-3">{title}</h3>
      {children}
    </section>
  );
}
