"use client";

import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";

const PAUSE_MS = 300;

interface Props {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
}

/** Text to look for; asked for once the writer pauses. `/` gets here. */
export function SearchFilter({ label, value = "", onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  // Changed from elsewhere: the back button, or “clear”.
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }

  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text || null), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (
        event.key !== "/" ||
        (event.target instanceof HTMLElement && event.target.closest("input, textarea, [role=dialog]"))
      )
        return;
      event.preventDefault();
      input.current?.focus();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div role="search" className="relative w-full sm:w-64">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
      <input
        ref={input}
        aria-label={label}
        placeholder={label}
        aria-keyshortcuts="/"
        className={cn(inputClass, "pr-8 pl-8")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(text || null);
          if (event.key === "Escape") setText("");
        }}
      />
      {text && (
        <button
          type="button"
          aria-label="Clear the text"
          onClick={() => {
            setText("");
            input.current?.focus();
          }}
          className="absolute top-1 right-1 flex size-6 items-center justify-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  );
}
