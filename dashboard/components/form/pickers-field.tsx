"use client";

import { Plus, X } from "lucide-react";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { useNamed } from "@/lib/directory/directory";
import { permissionFor, type FoundKind } from "@/lib/directory/kinds";
import { useMay } from "@/lib/session/session";
import { shortId } from "@/lib/short-id";
import { Picker, PICKER_WORDS } from "./picker";
import { Told } from "./told";

interface Props {
  label: string;
  kind: FoundKind;
  hint?: string;
  problem?: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Any of very many: those that are chosen, and a picker for one more. */
export function PickersField({ label, kind, hint, problem, chosen, onChange }: Props) {
  const id = useId();
  const mayList = useMay(permissionFor(kind));
  return (
    <fieldset
      className="flex min-w-0 flex-col gap-1.5"
      aria-describedby={(problem ?? hint) ? `${id}-told` : undefined}
    >
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <div className={cn("rounded-md border bg-surface p-1", problem ? "border-bad" : "border-edge")}>
        <ul className="max-h-40 overflow-y-auto">
          {chosen.map((one) => (
            <Chosen
              key={one}
              kind={kind}
              id={one}
              onRemove={() => onChange(chosen.filter((other) => other !== one))}
            />
          ))}
        </ul>
        {mayList && (
          <Picker
            label={label}
            kind={kind}
            chosen={chosen}
            onChoose={(one) => !chosen.includes(one) && onChange([...chosen, one])}
          >
            <Button look="quiet" size="small">
              <Plus aria-hidden />
              {PICKER_WORDS[kind].choose}
            </Button>
          </Picker>
        )}
      </div>
      <Told id={id} hint={hint} problem={problem} />
    </fieldset>
  );
}

function Chosen({ kind, id, onRemove }: { kind: FoundKind; id: string; onRemove: () => void }) {
  const name = useNamed(kind, id)?.name ?? shortId(id);
  return (
    <li className="flex items-center gap-2 pl-1.5 text-sm">
      <span className="grow truncate" title={id}>
        {name}
      </span>
      <IconButton label={`Take ${name} away`} onClick={onRemove}>
        <X aria-hidden />
      </IconButton>
    </li>
  );
}
