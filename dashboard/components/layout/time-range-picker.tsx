"use client";

import { CalendarDays, Check } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { fromLocalInput, toLocalInput } from "@/lib/time-range/local-input";
import { nameRange, PERIODS, type Period, type TimeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";

/** One for all pages: what they show is of this range of time. */
export function TimeRangePicker() {
  const [range, setRange] = useTimeRange();
  const [open, setOpen] = useState(false);

  function choose(next: TimeRange) {
    setRange(next);
    setOpen(false);
  }

  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button aria-label={`Range of time: ${nameRange(range)}`} className="max-w-52 !px-2.5 sm:max-w-none">
          <CalendarDays aria-hidden className="text-ink-3" />
          <span className="max-w-28 truncate sm:max-w-none">{nameRange(range)}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" aria-label="Range of time" className="flex w-72 flex-col p-1">
        {(Object.keys(PERIODS) as Period[]).map((period) => (
          <Choice
            key={period}
            chosen={"period" in range && range.period === period}
            onChoose={() => choose({ period })}
          >
            {PERIODS[period]}
          </Choice>
        ))}
        <Between range={range} onChoose={choose} />
      </PopoverContent>
    </Popover>
  );
}

function Choice({ chosen, onChoose, children }: { chosen: boolean; onChoose: () => void; children: string }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className={cn(
        "flex h-8 items-center justify-between rounded-md px-2 text-sm hover:bg-sunken",
        chosen && "font-medium",
      )}
    >
      {children}
      {chosen && <Check aria-hidden className="size-4 text-accent" />}
    </button>
  );
}

/** Two instants, in the reader's zone. */
function Between({ range, onChoose }: { range: TimeRange; onChoose: (range: TimeRange) => void }) {
  const [problem, setProblem] = useState<string>();
  const given = "period" in range ? null : range;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const start = fromLocalInput(form.get("start"));
    const end = fromLocalInput(form.get("end"));
    if (!start || !end) return setProblem("Give both.");
    if (start >= end) return setProblem("It must end after it starts.");
    return onChoose({ start_time: start, end_time: end });
  }

  return (
    <form onSubmit={submit} className="mt-1 flex flex-col gap-2.5 border-t p-2 pt-2.5" noValidate>
      <Field
        label="From"
        name="start"
        type="datetime-local"
        required
        defaultValue={given ? toLocalInput(given.start_time) : undefined}
      />
      <Field
        label="To"
        name="end"
        type="datetime-local"
        required
        problem={problem}
        defaultValue={given ? toLocalInput(given.end_time) : undefined}
      />
      <Button type="submit">Show this range</Button>
    </form>
  );
}
