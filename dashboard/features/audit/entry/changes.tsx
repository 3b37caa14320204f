import type { AuditLog } from "@/features/audit/api";
import { cn } from "@/lib/cn";
import { changedFields, type ChangedField } from "./changed-fields";
import type { DiffLine } from "./line-diff";

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
          <dd className="min-w-0">{field.short ? <Short {...field.short} /> : <Lines field={field} />}</dd>
        </div>
      ))}
    </dl>
  );
}

function Short({ before, after }: NonNullable<ChangedField["short"]>) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 font-mono text-xs leading-6">
      <span className="sr-only">Before:</span>
      {before === null ? <Nothing /> : <del className={cn(VALUE, LOOKS.gone)}>{before}</del>}
      <span aria-hidden className="text-ink-3">
        →
      </span>
      <span className="sr-only">After:</span>
      {after === null ? <Nothing /> : <ins className={cn(VALUE, LOOKS.new, "no-underline")}>{after}</ins>}
    </div>
  );
}

function Nothing() {
  return <span className="font-sans text-ink-3 italic">nothing</span>;
}

function Lines({ field: { name, lines } }: { field: ChangedField }) {
  return (
    <div
      // Scrolls, so the keyboard must reach it.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={`Change of ${name}`}
      className="max-h-96 overflow-auto rounded-lg border bg-canvas py-1 font-mono text-xs leading-5"
    >
      {lines.map((line, at) => (
        <Line key={at} {...line} />
      ))}
    </div>
  );
}

function Line({ kind, text }: DiffLine) {
  const Element = ELEMENTS[kind];
  return (
    <Element className={cn("flex gap-2 px-3 no-underline", LOOKS[kind])}>
      <span aria-hidden className="w-2 shrink-0 select-none">
        {SIGNS[kind]}
      </span>
      <span className="min-w-0 break-words whitespace-pre-wrap">{text}</span>
    </Element>
  );
}

const VALUE = "min-w-0 rounded px-1.5 break-all";
const LOOKS = { same: "text-ink-2", gone: "bg-bad-soft text-bad", new: "bg-ok-soft text-ok" } as const;
const SIGNS = { same: "", gone: "−", new: "+" } as const;
const ELEMENTS = { same: "div", gone: "del", new: "ins" } as const;
