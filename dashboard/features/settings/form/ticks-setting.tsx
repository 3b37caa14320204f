"use client";

import { useId, type ReactNode } from "react";
import type { FieldProps } from "./fields";

interface Option {
  value: string;
  name: ReactNode;
}

/** Any of several. */
export function TicksSetting({
  draft,
  name,
  options,
  label,
  help,
  standard,
}: FieldProps & { options: readonly Option[] }) {
  const id = useId();
  const value = (draft.values[name] ?? []) as readonly string[];
  const problem = draft.problemAt(name);
  // What is chosen is shown even where nobody knows it any more, or it could not be taken back.
  const gone = value.filter((one) => !options.some((option) => option.value === one));
  const all = [...options, ...gone.map((one) => ({ value: one, name: one }))];

  function toggle(one: string) {
    draft.set(name, value.includes(one) ? value.filter((other) => other !== one) : [...value, one]);
  }

  return (
    <div
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-told`}
      className="grid min-w-0 gap-2 border-b py-4 first:pt-1 last:border-0 last:pb-0 @2xl:grid-cols-[minmax(0,1fr)_minmax(0,20rem)] @2xl:gap-8"
    >
      <div className="min-w-0">
        <p id={`${id}-label`} className="text-sm font-medium">
          {label}
        </p>
        <div id={`${id}-told`} className="text-sm text-pretty text-ink-3">
          {help && <p>{help}</p>}
          {standard !== undefined && <p>Default: {standard}</p>}
          {problem && <p className="text-bad">{problem}</p>}
        </div>
      </div>
      <ul className="flex min-w-0 flex-col gap-1">
        {all.map((option) => (
          <li key={option.value}>
            <label className="flex min-h-7 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-accent"
                aria-invalid={problem ? true : undefined}
                checked={value.includes(option.value)}
                onChange={() => toggle(option.value)}
              />
              <span className="min-w-0 break-words">{option.name}</span>
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
}
