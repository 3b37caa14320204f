"use client";

import { useId, type ReactNode } from "react";
import { Button } from "@/components/ui/button";

export interface ControlProps {
  id: string;
  "aria-describedby": string;
  "aria-invalid": true | undefined;
}

/** What every field says of itself. */
export interface SettingText {
  label: string;
  /** What it does. */
  help?: ReactNode;
  /** Its default in words. */
  standard?: string;
}

interface Props extends SettingText {
  problem?: string;
  /** Offered where the value is another than the default. */
  onStandard?: () => void;
  children: (control: ControlProps) => ReactNode;
}

/** A field with what it does and its default; narrow ones stand below their words. */
export function Setting({ label, help, standard, problem, onStandard, children }: Props) {
  const id = useId();
  return (
    <div className="grid gap-2 border-b py-4 first:pt-1 last:border-0 last:pb-0 @2xl:grid-cols-[minmax(0,1fr)_minmax(0,20rem)] @2xl:gap-8">
      <div className="min-w-0">
        <label id={`${id}-label`} htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <div id={`${id}-help`} className="text-sm text-pretty text-ink-3">
          {help && <p>{help}</p>}
          {standard !== undefined && <p>Default: {standard}</p>}
        </div>
      </div>
      <div className="flex min-w-0 flex-col items-start gap-1.5">
        {children({
          id,
          "aria-describedby": problem ? `${id}-problem ${id}-help` : `${id}-help`,
          "aria-invalid": problem ? true : undefined,
        })}
        {problem && (
          <p id={`${id}-problem`} className="text-sm text-bad">
            {problem}
          </p>
        )}
        {onStandard && (
          <Button
            look="quiet"
            size="small"
            className="-ml-2.5"
            onClick={onStandard}
            aria-label={`Back to the default: ${label}`}
          >
            Back to the default
          </Button>
        )}
      </div>
    </div>
  );
}
