import { WordDiff } from "@/components/diff/word-diff";
import { Revealed } from "@/components/revealed";
import { Badge, type Tone } from "@/components/ui/badge";
import type { SchemaRow } from "@/features/tools/schema/schema-rows";
import type { RowChange } from "./definition";

const KINDS: Record<RowChange["kind"], { name: string; tone: Tone }> = {
  new: { name: "Added", tone: "ok" },
  gone: { name: "Taken away", tone: "bad" },
  changed: { name: "Changed", tone: "warn" },
};

export function RowChanges({ label, changes }: { label: string; changes: readonly RowChange[] }) {
  return (
    <ul aria-label={label} className="rounded-lg border">
      {changes.map((change) => (
        <li key={change.path} className="border-b px-3 py-2 text-sm last:border-0">
          <Change {...change} />
        </li>
      ))}
    </ul>
  );
}

function Change({ path, kind, before, after }: RowChange) {
  const one = after ?? before;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <Badge tone={KINDS[kind].tone}>{KINDS[kind].name}</Badge>
        <code className="font-mono text-xs font-medium break-all">{path}</code>
        {kind !== "changed" && one && <span className="text-xs text-ink-3">{inShort(one)}</span>}
      </p>
      {kind !== "changed" && one?.description && (
        <p className="mt-0.5 break-words text-ink-2">
          <Revealed text={one.description} />
        </p>
      )}
      {kind === "changed" && before && after && <Differences before={before} after={after} />}
    </>
  );
}

function Differences({ before, after }: { before: SchemaRow; after: SchemaRow }) {
  return (
    <>
      {inShort(before) !== inShort(after) && (
        <p className="mt-0.5 text-xs break-words">
          <WordDiff before={inShort(before)} after={inShort(after)} />
        </p>
      )}
      {before.description !== after.description && (
        <p className="mt-0.5 break-words">
          <WordDiff before={before.description ?? ""} after={after.description ?? ""} />
        </p>
      )}
    </>
  );
}

function inShort({ type, required, rules }: SchemaRow): string {
  return [type, required ? "required" : "optional", ...rules].join(" · ");
}
