"use client";

import { ChevronDown } from "lucide-react";
import { useId } from "react";
import { Name } from "@/components/names/name";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { permissionFor, type FoundKind } from "@/lib/directory/kinds";
import { useMay } from "@/lib/session/session";
import { Picker, PICKER_WORDS } from "./picker";
import { Told } from "./told";

interface Props {
  label: string;
  kind: FoundKind;
  hint?: string;
  problem?: string;
  /** The id of what is chosen; empty: nothing yet. */
  value: string;
  onChange: (id: string) => void;
  /** Where it may be nothing again. */
  onClear?: () => void;
}

/** One person or key. Who may not list them sees what is chosen and cannot choose another. */
export function PickerField({ label, kind, hint, problem, value, onChange, onClear }: Props) {
  const id = useId();
  const mayList = useMay(permissionFor(kind));
  const told = mayList ? hint : "You may not list these, so none can be chosen here.";
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span id={`${id}-label`} className="text-sm font-medium">
        {label}
      </span>
      <Picker label={label} kind={kind} chosen={[value]} onChoose={onChange}>
        <Button
          aria-labelledby={`${id}-label ${id}-value`}
          aria-describedby={(problem ?? told) ? `${id}-told` : undefined}
          disabled={!mayList}
          className={cn("!justify-between !border-edge !font-normal", problem && "!border-bad")}
        >
          <span id={`${id}-value`} className="truncate">
            {value ? <Name kind={kind} id={value} /> : PICKER_WORDS[kind].choose}
          </span>
          <ChevronDown aria-hidden className="text-ink-3" />
        </Button>
      </Picker>
      {value && onClear && (
        <Button look="quiet" size="small" className="self-start" onClick={onClear}>
          None
        </Button>
      )}
      <Told id={id} hint={told} problem={problem} />
    </div>
  );
}
