"use client";

import { ChevronDown } from "lucide-react";
import { Picker, PICKER_WORDS } from "@/components/form/picker";
import { Name } from "@/components/names/name";
import { Button } from "@/components/ui/button";
import type { FoundKind } from "@/lib/directory/kinds";
import type { FieldProps } from "./fields";
import { Setting } from "./setting";

interface Props extends FieldProps {
  kind: FoundKind;
  /** The button that chooses none of them: “Each on its own”. */
  none: string;
}

/** One person or key, or none. */
export function PickSetting({ draft, name, kind, none, label, ...text }: Props) {
  const value = draft.values[name] as string | null;
  return (
    <Setting label={label} {...text} problem={draft.problemAt(name)}>
      {(control) => (
        <>
          <Picker
            label={label}
            kind={kind}
            chosen={value ? [value] : []}
            onChoose={(id) => draft.set(name, id)}
          >
            <Button
              {...control}
              aria-labelledby={`${control.id}-label ${control.id}-value`}
              className="w-full !justify-between !border-edge !font-normal"
            >
              <span id={`${control.id}-value`} className="truncate">
                {value ? <Name kind={kind} id={value} /> : PICKER_WORDS[kind].choose}
              </span>
              <ChevronDown aria-hidden className="text-ink-3" />
            </Button>
          </Picker>
          {value && (
            <Button look="quiet" size="small" className="-ml-2.5" onClick={() => draft.set(name, null)}>
              {none}
            </Button>
          )}
        </>
      )}
    </Setting>
  );
}
