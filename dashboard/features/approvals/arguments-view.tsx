"use client";

import { useState } from "react";
import { Revealed } from "@/components/revealed";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { JsonBlock } from "@/components/ui/json-block";

/** What the tool would be called with: each argument by its name, or all of it as JSON. Secrets are masked already. */
export function ArgumentsView({ value }: { value: unknown }) {
  const [raw, setRaw] = useState(false);
  const entries = entriesOf(value);
  const asJson = raw || entries === null;
  return (
    <section>
      <div className="mb-1.5 flex items-center justify-between gap-3">
        <h3 className="text-xs font-medium text-ink-3">Arguments</h3>
        {entries !== null && entries.length > 0 && (
          <Button look="quiet" size="small" aria-pressed={raw} className="-my-1" onClick={() => setRaw(!raw)}>
            As JSON
          </Button>
        )}
      </div>
      {asJson && <JsonBlock value={value} label="Arguments" />}
      {!asJson && entries.length === 0 && <p className="text-sm text-ink-2">It is called without any.</p>}
      {!asJson && entries.length > 0 && <ByName entries={entries} />}
    </section>
  );
}

function ByName({ entries }: { entries: [string, unknown][] }) {
  return (
    <dl className="divide-y overflow-hidden rounded-lg border bg-canvas">
      {entries.map(([name, value]) => (
        <div key={name} className="grid gap-x-4 px-3 py-2 sm:grid-cols-[minmax(6rem,11rem)_minmax(0,1fr)]">
          <dt className="font-mono text-xs leading-5 break-all text-ink-2">{name}</dt>
          <dd className="flex min-w-0 items-start gap-1">
            <pre
              // Scrolls where it is long, so the keyboard must reach it.
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              role="region"
              aria-label={name}
              className="max-h-60 min-w-0 grow overflow-auto font-mono text-xs leading-5 break-words whitespace-pre-wrap"
            >
              <Revealed text={asText(value)} />
            </pre>
            <CopyButton text={asText(value)} label={`Copy ${name}`} className="-my-0.5" />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
}

/** Text as it is; an empty one would not be seen. */
function asText(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value, null, 2);
}
