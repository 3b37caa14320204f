"use client";

import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { count } from "@/lib/number";
import { Setting, type SettingText } from "./setting";
import type { Draft } from "./use-saved-draft";
import { isSame } from "./values";

export interface FieldProps extends SettingText {
  draft: Draft;
  name: string;
}

interface NumberProps extends FieldProps {
  unit?: string;
  min?: number;
  max?: number;
  step?: number | "any";
  /** Null: empty. */
  standardValue?: number | null;
  /** The number in other words: “1 day”. */
  says?: (value: number) => string;
}

export function NumberSetting({
  draft,
  name,
  unit,
  min,
  max,
  step,
  standardValue,
  says,
  ...text
}: NumberProps) {
  const value = draft.values[name] as number | null | undefined;
  const words =
    standardValue == null
      ? undefined
      : (says?.(standardValue) ?? [count(standardValue), unit].filter(Boolean).join(" "));
  const isStandard = standardValue === undefined || isSame(value, standardValue);
  return (
    <Setting
      standard={words}
      {...text}
      problem={draft.problemAt(name)}
      onStandard={isStandard ? undefined : () => draft.set(name, standardValue)}
    >
      {(control) => (
        <span className="flex w-full flex-wrap items-center gap-x-2">
          <input
            {...control}
            type="number"
            inputMode="decimal"
            className={cn(inputClass, "!w-36 tabular-nums")}
            required={standardValue === undefined}
            min={min}
            max={max}
            step={step}
            value={value ?? ""}
            onChange={({ target }) => draft.set(name, target.value === "" ? null : Number(target.value))}
          />
          {unit && <span className="text-sm text-ink-2">{unit}</span>}
          {says && value != null && <span className="text-sm text-ink-3">= {says(value)}</span>}
        </span>
      )}
    </Setting>
  );
}

export interface Choice {
  value: string;
  name: string;
  /** What it means, shown while it is chosen. */
  says?: string;
}

interface ChoiceProps extends FieldProps {
  choices: readonly Choice[];
  standardValue?: string;
  /** Something that depends on it changes as well. */
  onChoose?: (value: string) => void;
  disabled?: boolean;
}

export function ChoiceSetting({
  draft,
  name,
  choices,
  standardValue,
  onChoose,
  disabled,
  ...text
}: ChoiceProps) {
  const value = (draft.values[name] ?? "") as string;
  const chosen = choices.find((choice) => choice.value === value);
  // What an API newer than this page says is shown as it is called.
  const all = chosen ? choices : [...choices, { value, name: value }];
  return (
    <Setting
      standard={choices.find((choice) => choice.value === standardValue)?.name}
      {...text}
      problem={draft.problemAt(name)}
    >
      {(control) => (
        <>
          <select
            {...control}
            className={inputClass}
            value={value}
            disabled={disabled}
            onChange={({ target }) => {
              draft.set(name, target.value === "" ? null : target.value);
              onChoose?.(target.value);
            }}
          >
            {all.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.name}
              </option>
            ))}
          </select>
          {chosen?.says && <p className="text-sm text-ink-3">{chosen.says}</p>}
        </>
      )}
    </Setting>
  );
}

export function SwitchSetting({
  draft,
  name,
  standardValue,
  ...text
}: FieldProps & { standardValue?: boolean }) {
  const on = draft.values[name] === true;
  return (
    <Setting
      standard={standardValue === undefined ? undefined : standardValue ? "on" : "off"}
      {...text}
      problem={draft.problemAt(name)}
    >
      {(control) => (
        <span className="flex min-h-8 items-center gap-2 text-sm">
          <input
            {...control}
            type="checkbox"
            className="size-4.5 accent-accent"
            checked={on}
            onChange={({ target }) => draft.set(name, target.checked)}
          />
          <span aria-hidden className="text-ink-2">
            {on ? "On" : "Off"}
          </span>
        </span>
      )}
    </Setting>
  );
}

interface TextExtras {
  /** Empty is none. */
  optional?: boolean;
  /** To choose from; anything else can be typed. */
  suggestions?: readonly { value: string; name: string }[];
  /** What the value means. */
  says?: string;
}

type TextProps = FieldProps &
  TextExtras &
  Pick<ComponentProps<"input">, "type" | "placeholder" | "required" | "maxLength" | "autoComplete">;

/** A line of text; where it is optional, an empty one is none. */
export function TextSetting({
  draft,
  name,
  optional,
  suggestions,
  says,
  type = "text",
  placeholder,
  required,
  maxLength,
  autoComplete = "off",
  ...text
}: TextProps) {
  return (
    <Setting {...text} problem={draft.problemAt(name)}>
      {(control) => (
        <>
          <input
            {...control}
            type={type}
            list={suggestions && `${control.id}-list`}
            placeholder={placeholder}
            required={required}
            maxLength={maxLength}
            autoComplete={autoComplete}
            spellCheck={false}
            className={inputClass}
            value={(draft.values[name] ?? "") as string}
            onChange={({ target }) => draft.set(name, target.value === "" && optional ? null : target.value)}
          />
          {suggestions && (
            <datalist id={`${control.id}-list`}>
              {suggestions.map(({ value, name: called }) => (
                <option key={value} value={value} label={called} />
              ))}
            </datalist>
          )}
          {says && <p className="text-sm text-ink-2">{says}</p>}
        </>
      )}
    </Setting>
  );
}
