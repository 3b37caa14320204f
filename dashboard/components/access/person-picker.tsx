"use client";

import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useDeferredValue, useId, useState } from "react";
import { Told } from "@/components/form/told";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import type { Schemas } from "@/lib/api/client";
import { PersonName } from "./names";
import { peopleQuery } from "./queries";

interface Props {
  label: string;
  hint?: string;
  problem?: string;
  /** The id of who is chosen. */
  value: string | null;
  onChange: (id: string) => void;
}

/** One of the organization's active people, found by name or address. */
export function PersonPicker({ label, hint, problem, value, onChange }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-col gap-1.5">
      <span id={`${id}-label`} className="text-sm font-medium">
        {label}
      </span>
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger asChild>
          <Button
            aria-labelledby={`${id}-label ${id}-value`}
            aria-describedby={problem || hint ? `${id}-told` : undefined}
            className={cn("!justify-between !border-edge !font-normal", problem && "!border-bad")}
          >
            <span id={`${id}-value`} className="truncate">
              {value ? <PersonName id={value} /> : "Choose a person"}
            </span>
            <ChevronDown aria-hidden className="text-ink-3" />
          </Button>
        </PopoverTrigger>
        <PopoverContent aria-label={label} className="flex max-h-80 w-72 flex-col">
          <People
            chosen={value}
            onChoose={(person) => {
              onChange(person.id);
              setOpen(false);
            }}
          />
        </PopoverContent>
      </Popover>
      <Told id={id} hint={hint} problem={problem} />
    </div>
  );
}

function People({
  chosen,
  onChoose,
}: {
  chosen: string | null;
  onChoose: (person: Schemas["User"]) => void;
}) {
  const [text, setText] = useState("");
  const people = useQuery(peopleQuery(useDeferredValue(text.trim())));
  const found = people.data?.users ?? [];
  return (
    <>
      <div className="border-b p-1.5">
        <input
          aria-label="Find a person"
          placeholder="Name or e-mail address"
          className={inputClass}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <ul className="flex flex-col overflow-y-auto p-1">
        {found.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              aria-pressed={person.id === chosen}
              onClick={() => onChoose(person)}
              className={cn(
                "w-full rounded-md px-2 py-1 text-left text-sm hover:bg-sunken",
                person.id === chosen && "bg-sunken font-medium",
              )}
            >
              <span className="block truncate">{person.name || person.email}</span>
              <span className="block truncate text-xs font-normal text-ink-3">{person.email}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p role="status" className="px-3 pb-3 text-center text-sm text-ink-2">
          {people.error ? people.error.message : people.data ? "Nobody is called that." : "Loading …"}
        </p>
      )}
    </>
  );
}
