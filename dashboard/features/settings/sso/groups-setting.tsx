"use client";

import { Plus, X } from "lucide-react";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { useDirectory } from "@/lib/directory/directory";
import type { Named } from "@/lib/directory/kinds";
import type { GroupMapping } from "./api";
import { grantOf, withGrant } from "./grants";

/** What members of a group are granted: a role everywhere, or membership of a team. */
export function GroupsSetting({ draft }: { draft: Draft }) {
  const id = useId();
  const roles = useDirectory("role");
  const teams = useDirectory("team");
  const mappings = (draft.values.group_mappings ?? []) as readonly GroupMapping[];
  const problem = draft.problemAt("group_mappings");

  const change = (next: readonly GroupMapping[]) => draft.set("group_mappings", next);
  const edit = (at: number, next: GroupMapping) =>
    change(mappings.map((mapping, index) => (index === at ? next : mapping)));

  return (
    <div
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-help`}
      className="flex min-w-0 flex-col gap-2 pt-4"
    >
      <div>
        <p id={`${id}-label`} className="text-sm font-medium">
          Groups
        </p>
        <div id={`${id}-help`} className="text-sm text-ink-3">
          <p>
            What members of a group at the provider are granted, from sign-in to sign-in: a role everywhere,
            or membership of a team. Default: none.
          </p>
          {problem && <p className="text-bad">{problem}</p>}
        </div>
      </div>
      {mappings.map((mapping, at) => (
        // They have nothing but their place.
        <div key={at} className="flex w-full flex-wrap items-center gap-2 sm:flex-nowrap">
          <input
            aria-label={`Group ${at + 1}`}
            aria-invalid={problem ? true : undefined}
            placeholder="Group, as the provider calls it"
            required
            maxLength={255}
            spellCheck={false}
            className={inputClass}
            value={mapping.group}
            onChange={({ target }) => edit(at, { ...mapping, group: target.value })}
          />
          <Grant
            label={`What group ${at + 1} is granted`}
            value={grantOf(mapping)}
            roles={roles.all ?? []}
            teams={teams.all ?? []}
            onChange={(grant) => edit(at, withGrant(mapping, grant))}
          />
          <IconButton
            label={`Remove group ${at + 1}`}
            onClick={() => change(mappings.filter((_, index) => index !== at))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button
        size="small"
        className="self-start"
        onClick={() => change([...mappings, { group: "", role_id: null, team_id: null }])}
      >
        <Plus aria-hidden />
        Add a group
      </Button>
    </div>
  );
}

interface GrantProps {
  label: string;
  value: string;
  roles: readonly Named[];
  teams: readonly Named[];
  onChange: (grant: string) => void;
}

function Grant({ label, value, roles, teams, onChange }: GrantProps) {
  const options = [
    ...roles.map((role) => ({ value: `role:${role.id}`, name: `Role ${role.name}` })),
    ...teams.map((team) => ({ value: `team:${team.id}`, name: `Team ${team.name}` })),
  ];
  const isKnown = value === "" || options.some((option) => option.value === value);
  return (
    <select
      aria-label={label}
      required
      className={inputClass}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="" disabled>
        Choose a role or a team
      </option>
      {!isKnown && <option value={value}>{value.replace(":", " ")}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.name}
        </option>
      ))}
    </select>
  );
}
