"use client";

import type { ReactNode } from "react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { KindName } from "@/components/names/name";
import { isSubject, SUBJECTS } from "@/features/tools/subject-field";
import type { Filter } from "./api";
import { SubjectFilter } from "./subject-filter";

const EFFECTS = [
  { value: "allow", name: "Allows" },
  { value: "deny", name: "Denies" },
];

interface Props {
  list: ListState<Filter>;
  actions: ReactNode;
}

export function PermissionsFilters({ list, actions }: Props) {
  const { filters, setFilters } = list;
  const kind = isSubject(filters.subject_type) ? filters.subject_type : null;
  const subject = filters.subject_id ?? "";
  return (
    <FilterRow
      list={list}
      search={<SearchFilter label="Find in patterns" value={filters.q} onChange={(q) => setFilters({ q })} />}
      actions={actions}
    >
      <ChoiceFilter
        name="Effect"
        value={filters.effect}
        options={EFFECTS}
        onChange={(effect) => setFilters({ effect })}
      />
      <ChoiceFilter
        name="Subject"
        value={filters.subject_type}
        options={SUBJECTS}
        // Somebody of another kind has another id.
        onChange={(subject_type) => setFilters({ subject_type, subject_id: null })}
      />
      {kind && !subject && (
        <SubjectFilter kind={kind} onChange={(subject_id) => setFilters({ subject_id })} />
      )}
      <LinkedFilters
        filters={filters}
        setFilters={setFilters}
        says={{
          subject_id: kind ? <KindName kind={kind} id={subject} /> : "For one subject",
          server_pattern: `Server ${filters.server_pattern?.replaceAll(",", " or ")}`,
          tool_pattern: `Tool ${filters.tool_pattern?.replaceAll(",", " or ")}`,
        }}
      />
    </FilterRow>
  );
}
