import type { ReactNode } from "react";
import { CopyButton } from "./copy-button";

export interface Fact {
  name: string;
  /** Nothing: the fact is left out. */
  value: ReactNode;
  /** What is copied by a button beside it. */
  copy?: string | null;
}

/** Names and values, one below the other. */
export function Facts({ title, facts }: { title?: string; facts: readonly Fact[] }) {
  const known = facts.filter(({ value }) => value !== null && value !== undefined && value !== "");
  if (known.length === 0) return null;
  return (
    <section>
      {title && <h3 className="mb-1 text-xs font-medium text-ink-3">{title}</h3>}
      <dl className="text-sm">
        {known.map(({ name, value, copy }) => (
          <div key={name} className="grid min-h-7 grid-cols-[8.5rem_minmax(0,1fr)] items-start gap-3 py-1">
            <dt className="text-ink-2">{name}</dt>
            <dd className="flex min-w-0 items-start gap-1 break-words tabular-nums">
              <span className="min-w-0 break-words">{value}</span>
              {copy && <CopyButton text={copy} label={`Copy ${name.toLowerCase()}`} className="-my-0.5" />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-xs break-all">{children}</span>;
}
