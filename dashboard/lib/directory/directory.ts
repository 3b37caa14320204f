"use client";

// What other things are called that a page only knows by their ids, and what a form offers to choose from.
import { queryOptions, useQuery, type QueryClient } from "@tanstack/react-query";
import { useMay } from "@/lib/session/session";
import { shortId } from "@/lib/short-id";
import { everyPage } from "@/lib/api/every-page";
import {
  FOUND,
  isListed,
  LISTED,
  permissionFor,
  type FoundKind,
  type Kind,
  type ListedKind,
  type Named,
} from "./kinds";

const STALE_MS = 60_000;

function listQuery(kind: ListedKind) {
  return queryOptions({
    queryKey: ["directory", kind],
    queryFn: async ({ signal }): Promise<Named[]> => {
      const pages = await everyPage((cursor) =>
        LISTED[kind].page({ limit: 200, sort: "name", ...(cursor ? { cursor } : {}) }, signal),
      );
      return pages.flatMap((page) => page.named);
    },
    staleTime: STALE_MS,
  });
}

function oneQuery(kind: FoundKind, id: string) {
  return queryOptions({
    queryKey: ["directory", kind, id],
    queryFn: async ({ signal }): Promise<Named[]> => [await FOUND[kind].one(id, signal)],
    staleTime: 5 * STALE_MS,
  });
}

/** Those that a part of a name finds. */
export function findQuery(kind: FoundKind, q: string) {
  return queryOptions({
    queryKey: ["directory", kind, "find", q],
    queryFn: ({ signal }) => FOUND[kind].find(q, signal),
    staleTime: STALE_MS,
  });
}

/** One by its id; undefined until it is known, where it is gone, and where the reader may not know it. */
export function useNamed(kind: Kind, id: string): Named | undefined {
  const known = isListed(kind) ? listQuery(kind) : oneQuery(kind, id);
  const enabled = useMay(permissionFor(kind));
  return useQuery({ ...known, enabled, select: (all) => all.find((one) => one.id === id) }).data;
}

export interface Directory {
  /** Undefined while they are on their way, or where the reader may not list them. */
  all: readonly Named[] | undefined;
  /** The same, for a field to choose from. */
  options: readonly { value: string; name: string }[] | undefined;
  /** Whether the reader may list them at all. */
  allowed: boolean;
  error: Error | null;
  /** The name; the beginning of the id where there is none: it is gone, or it may not be seen. */
  nameOf: (id: string) => string;
}

export function useDirectory(kind: ListedKind, wanted = true): Directory {
  const allowed = useMay(permissionFor(kind));
  const { data: all, error } = useQuery({ ...listQuery(kind), enabled: allowed && wanted });
  return {
    all,
    options: all?.map(({ id, name }) => ({ value: id, name })),
    allowed,
    error,
    nameOf: (id) => all?.find((one) => one.id === id)?.name ?? shortId(id),
  };
}

/** After one was made, renamed or deleted. */
export function namesChanged(client: QueryClient, kind?: Kind): Promise<void> {
  return client.invalidateQueries({ queryKey: kind ? ["directory", kind] : ["directory"] });
}
