"use client";

import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import type { FieldProps } from "./fields";
import { headersOf, KEPT, type Pair } from "./headers";

const EMPTY: Pair = { name: "", value: "" };

/** Headers that are sent along. Their values are never read back: they are kept, given anew, or taken away. */
export function HeadersSetting({ draft, name, label, help }: FieldProps) {
  const id = useId();
  const problem = draft.problemAt(name);
  const given = draft.values[name];
  return (
    <div
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-help`}
      className="flex min-w-0 flex-col gap-2 border-b py-4 first:pt-1 last:border-0 last:pb-0"
    >
      <div>
        <p id={`${id}-label`} className="text-sm font-medium">
          {label}
        </p>
        <div id={`${id}-help`} className="text-sm text-ink-3">
          <p>{help} Default: none.</p>
          {problem && <p className="text-bad">{problem}</p>}
        </div>
      </div>
      {given === KEPT ? (
        <div className="flex flex-wrap items-center gap-2">
          <p className="text-sm text-ink-2">Set, and not shown.</p>
          <Button size="small" onClick={() => draft.set(name, {})}>
            Give anew
          </Button>
          <Button size="small" onClick={() => draft.set(name, null)}>
            Take away
          </Button>
        </div>
      ) : (
        <Pairs draft={draft} name={name} isInvalid={problem !== undefined} />
      )}
    </div>
  );
}

function Pairs({ draft, name, isInvalid }: Pick<FieldProps, "draft" | "name"> & { isInvalid: boolean }) {
  const given = draft.values[name];
  const [pairs, setPairs] = useState<readonly Pair[]>(given === null || given === undefined ? [] : [EMPTY]);
  const hasNone = given === null || given === undefined;
  // Discarded, or saved: what was typed is gone.
  if (hasNone && headersOf(pairs) !== null) setPairs([]);

  function change(next: readonly Pair[]) {
    setPairs(next);
    draft.set(name, headersOf(next));
  }
  function edit(at: number, part: Partial<Pair>) {
    change(pairs.map((pair, index) => (index === at ? { ...pair, ...part } : pair)));
  }

  return (
    <div className="flex flex-col items-start gap-2">
      {pairs.map((pair, at) => (
        // They have nothing but their place.
        <div key={at} className="flex w-full flex-wrap items-center gap-2 sm:flex-nowrap">
          <input
            aria-label={`Name of header ${at + 1}`}
            aria-invalid={isInvalid || undefined}
            placeholder="Authorization"
            spellCheck={false}
            autoComplete="off"
            className={inputClass}
            value={pair.name}
            onChange={({ target }) => edit(at, { name: target.value })}
          />
          <input
            aria-label={`Value of header ${at + 1}`}
            type="password"
            autoComplete="new-password"
            className={inputClass}
            value={pair.value}
            onChange={({ target }) => edit(at, { value: target.value })}
          />
          <IconButton
            label={`Remove header ${at + 1}`}
            onClick={() => change(pairs.filter((_, index) => index !== at))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button size="small" onClick={() => setPairs([...pairs, EMPTY])}>
        <Plus aria-hidden />
        Add a header
      </Button>
    </div>
  );
}
