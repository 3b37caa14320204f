"use client";

import { useId, useState } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { shortId } from "@/lib/short-id";
import type { Option } from "./select-field";
import { Told } from "./told";

interface Props {
  label: string;
  /** What it means that none is chosen, and what it is for. */
  hint?: string;
  problem?: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Undefined while they are on their way. */
  options: readonly Option[] | undefined;
  /** What stands there when there is nothing to choose from. */
  none: string;
}

const SEARCHED_FROM = 8;

/** Any of several, each with its own tick. */
export function ChoicesField({ label, hint, problem, chosen, onChange, options, none }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const known = options ?? [];
  // What is chosen stays in sight even where it is gone, or it could not be taken back.
  const gone = chosen.filter((value) => !known.some((option) => option.value === value));
  const all = [
    ...gone.map((value) => ({ value, name: value.length > 24 ? shortId(value) : value })),
    ...known,
  ];
  const shown = all.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));

  return (
    <fieldset
      className="flex min-w-0 flex-col gap-1.5"
      aria-describedby={(problem ?? hint) ? `${id}-told` : undefined}
    >
      <legend className="mb-1.5 text-sm font-medium">
        {label}
        {chosen.length > 0 && <span className="ml-1.5 font-normal text-ink-3">{chosen.length} chosen</span>}
      </legend>
      <div
        className={cn("overflow-hidden rounded-md border bg-surface", problem ? "border-bad" : "border-edge")}
      >
        {all.length >= SEARCHED_FROM && (
          <div className="border-b p-1.5">
            <input
              aria-label={`Find in ${label.toLowerCase()}`}
              placeholder="Find …"
              className={inputClass}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
        )}
        <div className="flex max-h-40 flex-col overflow-y-auto p-1">
          {shown.map(({ value, name }) => (
            <label
              key={value}
              className="flex min-h-7 items-center gap-2 rounded px-1.5 text-sm focus-within:bg-sunken hover:bg-sunken"
            >
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={(event) =>
                  onChange(
                    event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value),
                  )
                }
                className="size-4 shrink-0 accent-accent"
              />
              <span className="truncate">{name}</span>
            </label>
          ))}
          {shown.length === 0 && (
            <p className="px-1.5 py-1 text-sm text-ink-2">
              {options === undefined ? "Loading …" : text ? "Nothing is called like that." : none}
            </p>
          )}
        </div>
      </div>
      <Told id={id} hint={hint} problem={problem} />
    </fieldset>
  );
}
