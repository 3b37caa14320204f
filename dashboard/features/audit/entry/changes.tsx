import { LineDiff } from "@/components/diff/line-diff";
import { Revealed } from "@/components/revealed";
import type { AuditLog } from "@/features/audit/api";
import { cn } from "@/lib/cn";
import { changedFields, type ChangedField } from "./changed-fields";

/** What was before and what is after, field by field. Colour is not alone: there are signs, and words for readers. */
export function Changes({ changes }: { changes: AuditLog["changes"] }) {
  const fields = changedFields(changes);
  return (
    <dl className="divide-y border-t">
      {fields.map((field) => (
        <div
          key={field.name}
          className="grid gap-x-6 gap-y-1.5 px-4 py-3 sm:px-5 lg:grid-cols-[14rem_minmax(0,1fr)]"
        >
          <dt className="font-mono text-xs leading-6 break-all text-ink-2">{field.name}</dt>
          <dd className="min-w-0">
            {field.short ? (
              <Short {...field.short} />
            ) : (
              <LineDiff label={`Change of ${field.name}`} lines={field.lines} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Short({ before, after }: NonNullable<ChangedField["short"]>) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 font-mono text-xs leading-6">
      <span className="sr-only">Before:</span>
      {before === null ? (
        <Nothing />
      ) : (
        <del className={cn(VALUE, "bg-bad-soft text-bad")}>
          <Revealed text={before} />
        </del>
      )}
      <span aria-hidden className="text-ink-3">
        →
      </span>
      <span className="sr-only">After:</span>
      {after === null ? (
        <Nothing />
      ) : (
        <ins className={cn(VALUE, "bg-ok-soft text-ok no-underline")}>
          <Revealed text={after} />
        </ins>
      )}
    </div>
  );
}

function Nothing() {
  return <span className="font-sans text-ink-3 italic">nothing</span>;
}

const VALUE = "min-w-0 rounded px-1.5 break-all";
