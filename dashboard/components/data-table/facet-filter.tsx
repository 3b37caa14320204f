"use client";

import { Check, ChevronDown } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { shortCount } from "@/lib/number";
import { valuesOf } from "./use-list-state";

export interface FacetValue {
  value: string;
  /** What it is called, where that is something else. */
  name?: string;
  /** How many rows have it, where that is known. */
  count?: number;
}

interface Props {
  name: string;
  /** Several are separated by commas, as in the URL and for the API. */
  chosen: string | undefined;
  onChange: (chosen: string | null) => void;
  /** Undefined while they are on their way. */
  values: readonly FacetValue[] | undefined;
  draw?: (value: string) => ReactNode;
  /** For values that are asked for once somebody looks. */
  onOpen?: () => void;
}

const SEARCHED_FROM = 8;

/** Any of several values, each with how many rows have it. */
export function FacetFilter({ name, chosen, onChange, values, draw, onOpen }: Props) {
  const picked = valuesOf(chosen);
  const [first] = picked;
  const known = values?.find(({ value }) => value === first);
  const label =
    picked.length > 1 ? `${picked.length} chosen` : first && (draw?.(first) ?? known?.name ?? first);
  return (
    <Popover onOpenChange={(open) => open && onOpen?.()}>
      <PopoverTrigger asChild>
        <Button className={cn(picked.length === 0 && "border-dashed")}>
          <span className={cn(picked.length > 0 && "text-ink-3")}>{name}</span>
          {label && <span className="max-w-36 truncate">{label}</span>}
          <ChevronDown aria-hidden className="text-ink-3" />
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={name} className="flex max-h-80 w-64 flex-col">
        <Values name={name} picked={picked} onChange={onChange} values={values} draw={draw} />
      </PopoverContent>
    </Popover>
  );
}

function Values({
  name,
  picked,
  onChange,
  values,
  draw,
}: Omit<Props, "chosen" | "onOpen"> & { picked: string[] }) {
  const [text, setText] = useState("");
  // What is chosen is shown even where nothing has it, or it could not be taken back.
  const gone = picked.filter((value) => !values?.some((known) => known.value === value));
  const all: FacetValue[] = [...gone.map((value) => ({ value })), ...(values ?? [])];
  // By what is read where that is a text: an id says nothing.
  const readAs = ({ value, name }: FacetValue) => {
    const drawn = draw?.(value);
    return name ?? (typeof drawn === "string" ? drawn : value);
  };
  const shown = all.filter((one) => readAs(one).toLowerCase().includes(text.trim().toLowerCase()));

  function toggle(value: string) {
    const next = picked.includes(value) ? picked.filter((other) => other !== value) : [...picked, value];
    onChange(next.length > 0 ? next.join(",") : null);
  }

  return (
    <>
      {all.length >= SEARCHED_FROM && (
        <div className="border-b p-1.5">
          <input
            aria-label={`Find a value of ${name.toLowerCase()}`}
            placeholder="Find …"
            className={inputClass}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      <div role="group" aria-label={name} className="flex flex-col overflow-y-auto p-1">
        {shown.map(({ value, name: called, count }) => (
          <button
            key={value}
            type="button"
            role="checkbox"
            aria-checked={picked.includes(value)}
            onClick={() => toggle(value)}
            className="flex h-8 shrink-0 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-sunken"
          >
            <Tick on={picked.includes(value)} />
            <span className="grow truncate">{draw?.(value) ?? called ?? value}</span>
            {count !== undefined && (
              <span className="text-xs text-ink-3 tabular-nums">{shortCount(count)}</span>
            )}
          </button>
        ))}
        {shown.length === 0 && (
          <p className="px-2 py-3 text-center text-sm text-ink-2">
            {values ? "Nothing to choose from." : "Loading …"}
          </p>
        )}
      </div>
      {picked.length > 0 && (
        <div className="border-t p-1">
          <Button look="quiet" className="w-full" onClick={() => onChange(null)}>
            Any
          </Button>
        </div>
      )}
    </>
  );
}

function Tick({ on }: { on: boolean }) {
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-4 shrink-0 items-center justify-center rounded border",
        on ? "border-ink bg-ink text-canvas" : "border-edge",
      )}
    >
      {on && <Check className="size-3" />}
    </span>
  );
}
