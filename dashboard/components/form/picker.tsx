"use client";

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { inputClass } from "@/components/ui/field";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { findQuery } from "@/lib/directory/directory";
import type { FoundKind } from "@/lib/directory/kinds";

/** What a picker of each kind says. */
export const PICKER_WORDS: Record<FoundKind, { choose: string; find: string; by: string; none: string }> = {
  user: {
    choose: "Choose a person",
    find: "Find a person",
    by: "Name or e-mail address",
    none: "Nobody is called that.",
  },
  api_key: {
    choose: "Choose an API key",
    find: "Find an API key",
    by: "Name or prefix",
    none: "No key that works is called that.",
  },
};

interface Props {
  label: string;
  kind: FoundKind;
  chosen: readonly string[];
  onChoose: (id: string) => void;
  /** The button that opens it. */
  children: ReactNode;
}

/** One of very many, found by typing a part of the name. */
export function Picker({ label, kind, chosen, onChoose, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>{children}</PopoverTrigger>
      <PopoverContent aria-label={label} className="flex max-h-80 w-72 flex-col">
        <Search
          kind={kind}
          chosen={chosen}
          onChoose={(id) => {
            onChoose(id);
            setOpen(false);
          }}
        />
      </PopoverContent>
    </Popover>
  );
}

function Search({ kind, chosen, onChoose }: Pick<Props, "kind" | "chosen" | "onChoose">) {
  const [text, setText] = useState("");
  const query = useQuery(findQuery(kind, useDeferredValue(text.trim())));
  const words = PICKER_WORDS[kind];
  const found = query.data ?? [];
  return (
    <>
      <div className="border-b p-1.5">
        <input
          aria-label={words.find}
          placeholder={words.by}
          className={inputClass}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <ul className="flex flex-col overflow-y-auto p-1">
        {found.map(({ id, name, more }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={chosen.includes(id)}
              onClick={() => onChoose(id)}
              className={cn(
                "w-full rounded-md px-2 py-1 text-left text-sm hover:bg-sunken",
                chosen.includes(id) && "bg-sunken font-medium",
              )}
            >
              <span className="block truncate">{name}</span>
              <span className="block truncate text-xs font-normal text-ink-3">{more}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p role="status" className="px-3 pb-3 text-center text-sm text-ink-2">
          {query.error ? query.error.message : query.data ? words.none : "Loading …"}
        </p>
      )}
    </>
  );
}
