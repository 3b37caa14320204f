"use client";

import { useId, useState } from "react";
import { PermissionPicker } from "@/components/permissions/permission-picker";
import type { FieldsProps } from "./fields";

const PRESETS = [
  { id: "call", name: "Call tools", hint: "List and call: what an MCP client needs.", grants: ["mcp:*"] },
  {
    id: "read",
    name: "Only look",
    hint: "List tools, read resources and prompts; no calls.",
    grants: ["mcp:read"],
  },
];

const CHOSEN = { id: "chosen", name: "Choose", hint: "For scripts that use the REST API as well." };

function presetOf(grants: readonly string[]): string {
  return PRESETS.find((preset) => preset.grants.join() === grants.join())?.id ?? CHOSEN.id;
}

/** What the key may do: one of the usual, or ticked one by one. */
export function PermissionFields({ values, change, about }: FieldsProps) {
  const radios = useId();
  const [preset, setPreset] = useState(() => presetOf(values.permissions));

  function choose(id: string) {
    setPreset(id);
    const grants = PRESETS.find((one) => one.id === id)?.grants;
    if (grants) change({ permissions: grants });
  }

  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">Permissions</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {[...PRESETS, CHOSEN].map(({ id, name, hint }) => (
          <div
            key={id}
            className="flex items-start gap-2 rounded-lg border p-3 text-sm has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              id={`${radios}-${id}`}
              type="radio"
              name={radios}
              aria-describedby={`${radios}-${id}-told`}
              className="mt-0.5 size-4 shrink-0 accent-accent"
              checked={preset === id}
              onChange={() => choose(id)}
            />
            <div>
              <label htmlFor={`${radios}-${id}`} className="block font-medium">
                {name}
              </label>
              <p id={`${radios}-${id}-told`} className="text-ink-2">
                {hint}
              </p>
            </div>
          </div>
        ))}
      </div>
      {preset === CHOSEN.id ? (
        <PermissionPicker
          label="Permissions of the key"
          grants={values.permissions}
          onChange={(permissions) => change({ permissions })}
          problem={about("permissions")}
        />
      ) : (
        about("permissions") && <p className="text-sm text-bad">{about("permissions")}</p>
      )}
    </fieldset>
  );
}
