import { useId } from "react";
import type { Extent, Held } from "@/lib/permission/selection";
import type { Permission } from "./permissions";

interface Props {
  permission: Permission;
  held: Held;
  mayGive: boolean;
  mayGiveOwn: boolean;
  onChange: (extent: Extent) => void;
}

/** One permission to be ticked, and where it has that form, for own rows only. */
export function PermissionRow({ permission, held, mayGive, mayGiveOwn, onChange }: Props) {
  const id = useId();
  const { extent, through } = held;
  const mayTick = extent !== "none" || mayGive || mayGiveOwn;
  const first: Extent = mayGive ? "all" : "own";
  return (
    <li className="flex flex-wrap items-start gap-x-2.5 gap-y-1 px-3 py-2">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={extent !== "none"}
        disabled={through !== null || !mayTick}
        aria-describedby={`${id}-told`}
        onChange={(event) => onChange(event.target.checked ? first : "none")}
      />
      <div className="min-w-0 grow basis-52">
        <label htmlFor={id} className="font-mono text-xs break-all">
          {permission.permission}
        </label>
        <p id={`${id}-told`} className="text-sm text-ink-3">
          {permission.description}
          {through && <> Comes with {through}.</>}
          {!mayTick && <> You do not hold it, so you cannot give it.</>}
        </p>
      </div>
      {permission.supports_own && extent !== "none" && through === null && (
        <select
          aria-label={`Extent of ${permission.permission}`}
          className="h-7 rounded-md border border-edge bg-surface px-1.5 text-xs"
          value={extent}
          onChange={(event) => onChange(event.target.value as Extent)}
        >
          <option value="all" disabled={!mayGive && extent !== "all"}>
            All rows
          </option>
          <option value="own">Own rows only</option>
        </select>
      )}
    </li>
  );
}
