"use client";

import { useQuery } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { CheckField } from "@/components/form/check-field";
import { Skeleton } from "@/components/ui/skeleton";
import { categoryName, heldOf, mayGrant, withExtent, withWide } from "@/lib/permission/selection";
import { useMe } from "@/lib/session/session";
import { PermissionRow } from "./permission-row";
import { byCategory, permissionsQuery, type Permission } from "./permissions";

interface Props {
  /** What the permissions are for: “Permissions of the role”. */
  label: string;
  grants: readonly string[];
  onChange: (grants: string[]) => void;
  problem?: string;
}

/** Every permission with what it is for, by category. What the reader does not hold they cannot give. */
export function PermissionPicker({ label, grants, onChange, problem }: Props) {
  const permissions = useQuery(permissionsQuery);
  const { permissions: held } = useMe();
  if (permissions.error && !permissions.data) {
    return (
      <Failed
        small
        what="The permissions"
        error={permissions.error}
        onRetry={() => void permissions.refetch()}
      />
    );
  }
  if (!permissions.data) return <Skeleton className="h-64" />;
  const groups = byCategory(permissions.data);
  const everything = grants.includes("*");
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-4">
      {problem && <p className="text-sm text-bad">{problem}</p>}
      <CheckField
        label="Everything"
        hint={
          <>All that is listed here, and what later versions add. Other organizations are no part of it.</>
        }
        checked={everything}
        disabled={!everything && !mayGrant(held, "*")}
        onChange={(on) => onChange(withWide(grants, "*", on))}
      />
      {groups.map(([category, members]) => (
        <Category
          key={category}
          category={category}
          members={members}
          grants={grants}
          held={held}
          onChange={onChange}
        />
      ))}
    </div>
  );
}

interface CategoryProps {
  category: string;
  members: readonly Permission[];
  grants: readonly string[];
  held: readonly string[];
  onChange: (grants: string[]) => void;
}

function Category({ category, members, grants, held, onChange }: CategoryProps) {
  const wide = `${category}:*`;
  const isWide = grants.includes(wide);
  const isSingle = members.length < 2;
  return (
    <fieldset className="min-w-0 rounded-lg border">
      <legend className="sr-only">{categoryName(category)}</legend>
      <div className="flex items-center justify-between gap-3 border-b bg-sunken/60 px-3 py-2">
        <span aria-hidden className="text-sm font-medium">
          {categoryName(category)}
        </span>
        {!isSingle && (
          <label className="flex items-center gap-2 text-xs text-ink-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={isWide || grants.includes("*")}
              disabled={grants.includes("*") || (!isWide && !mayGrant(held, wide))}
              onChange={(event) => onChange(withWide(grants, wide, event.target.checked))}
            />
            All of {categoryName(category)}
          </label>
        )}
      </div>
      <ul className="divide-y">
        {members.map((one) => (
          <PermissionRow
            key={one.permission}
            permission={one}
            held={heldOf(grants, one.permission)}
            mayGive={mayGrant(held, one.permission)}
            mayGiveOwn={one.supports_own && mayGrant(held, `${one.permission}:own`)}
            onChange={(extent) => onChange(withExtent(grants, one.permission, extent))}
          />
        ))}
      </ul>
    </fieldset>
  );
}
