"use client";

import { useMemo } from "react";
import { useUrl } from "@/lib/url/use-url";

/** A sort as the API has it: a field, `-` before it for descending. */
export interface ListState<Filter extends string> {
  sort: string;
  filters: Partial<Record<Filter, string>>;
  /** By anything at all. */
  filtered: boolean;
  setSort: (sort: string) => void;
  setFilters: (changes: Partial<Record<Filter, string | null>>) => void;
  clear: () => void;
}

/** Which rows a list shows and in which order: in the URL, so that a list can be sent to somebody. */
export function useListState<Filter extends string>(
  names: readonly Filter[],
  defaultSort: string,
): ListState<Filter> {
  const { parameters, change } = useUrl();
  const text = parameters.toString();
  const read = useMemo(() => {
    const given = new URLSearchParams(text);
    const filters: Partial<Record<Filter, string>> = {};
    for (const name of names) {
      const value = given.get(name);
      if (value) filters[name] = value;
    }
    return { sort: given.get("sort") ?? defaultSort, filters };
  }, [text, names, defaultSort]);
  return {
    ...read,
    filtered: Object.keys(read.filters).length > 0,
    setSort: (sort) => change({ sort: sort === defaultSort ? null : sort }),
    setFilters: (changes) => change(changes as Record<string, string | null>),
    clear: () => change(Object.fromEntries(names.map((name) => [name, null]))),
  };
}

/** The sort after a click at a column's head: descending first, as numbers and times are wanted. */
export function nextSort(sort: string, field: string): string {
  return sort === `-${field}` ? field : `-${field}`;
}

/** Values of one filter, which the API takes separated by commas. */
export function valuesOf(filter: string | undefined): string[] {
  return filter ? filter.split(",") : [];
}
