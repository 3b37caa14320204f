"use client";

import { useState } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { wordsOf } from "@/lib/form/lines";
import type { FieldProps } from "./fields";
import { Setting } from "./setting";
import { isSame } from "./values";

/** A list, one entry a line. */
export function LinesSetting({ draft, name, placeholder, ...text }: FieldProps & { placeholder?: string }) {
  const value = (draft.values[name] ?? []) as readonly string[];
  const [typed, setTyped] = useState(value.join("\n"));
  // Changed from elsewhere; what is being typed may have empty lines that the list has not.
  if (!isSame(wordsOf(typed), value)) setTyped(value.join("\n"));
  return (
    <Setting {...text} problem={draft.problemAt(name)}>
      {(control) => (
        <textarea
          {...control}
          rows={Math.min(10, Math.max(3, value.length + 1))}
          spellCheck={false}
          placeholder={placeholder}
          className={cn(inputClass, "!h-auto py-1.5 font-mono text-xs leading-5")}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            draft.set(name, wordsOf(target.value));
          }}
        />
      )}
    </Setting>
  );
}
