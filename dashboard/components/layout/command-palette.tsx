"use client";

import * as Radix from "@radix-ui/react-dialog";
import { CornerDownLeft, Search } from "lucide-react";
import { useDeferredValue, useId, useState, type KeyboardEvent } from "react";
import { Scrim } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { matching, useCommands, type Command } from "./commands";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** ⌘K: every page and action that the person is allowed, by typing some of its name. */
export function CommandPalette({ open, onOpenChange }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Scrim />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[14vh] z-50 mx-auto flex max-h-[60vh] max-w-xl animate-appear flex-col overflow-hidden rounded-xl border bg-raised shadow-lifted outline-none"
        >
          <Radix.Title className="sr-only">Go to a page, or do something</Radix.Title>
          <Choice onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Choice({ onDone }: { onDone: () => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = matching(useCommands(text), useDeferredValue(text));
  const chosen = found[Math.min(at, found.length - 1)];

  function run(command: Command | undefined) {
    if (!command) return;
    onDone();
    command.run();
  }

  function onKey(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    }
  }

  return (
    <>
      <div className="flex items-center gap-2.5 border-b px-4">
        <Search aria-hidden className="size-4 text-ink-3" />
        <input
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          aria-label="Go to a page, or do something"
          placeholder="Go to a page, or do something …"
          className="h-12 grow bg-transparent text-base outline-none"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
        <Kbd>Esc</Kbd>
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label="Results" className="overflow-y-auto p-1.5">
        {found.map((command) => (
          <Row
            key={command.id}
            id={`${id}-${command.id}`}
            command={command}
            chosen={command === chosen}
            onChoose={() => run(command)}
          />
        ))}
      </ul>
      {found.length === 0 && (
        <p role="status" className="px-4 pb-6 text-center text-sm text-ink-2">
          Nothing is called that.
        </p>
      )}
    </>
  );
}

interface RowProps {
  id: string;
  command: Command;
  chosen: boolean;
  onChoose: () => void;
}

function Row({ id, command: { icon: Icon, name, kind }, chosen, onChoose }: RowProps) {
  return (
    // The keyboard is the input's, which names the chosen row.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <li
      id={id}
      role="option"
      aria-selected={chosen}
      ref={(row) => (chosen ? row?.scrollIntoView({ block: "nearest" }) : undefined)}
      onClick={onChoose}
      className={cn(
        "flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm",
        chosen ? "bg-sunken" : "hover:bg-sunken/60",
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
      <span className="truncate">{name}</span>
      <span className="ml-auto text-xs text-ink-3">{kind}</span>
      {chosen && <CornerDownLeft aria-hidden className="size-3.5 text-ink-3" />}
    </li>
  );
}
