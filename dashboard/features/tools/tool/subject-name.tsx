"use client";

import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/lib/session/session";
import { subjectQuery, type Permission } from "@/features/tools/api";

const READ: Record<Permission["subject_type"], string> = {
  user: "users:read",
  team: "teams:read",
  api_key: "keys:read",
};

const KINDS: Record<Permission["subject_type"], string> = { user: "User", team: "Team", api_key: "Key" };

/** A person, a team or a key by its name; by its id where the reader may not know the name. */
export function SubjectName({ type, id }: { type: Permission["subject_type"]; id: string }) {
  const name = useQuery({ ...subjectQuery(type, id), enabled: useMay(READ[type]) });
  return (
    <span title={id}>
      {name.data ?? (
        <>
          {KINDS[type]} <span className="font-mono text-xs">{id.slice(0, 8)}…</span>
        </>
      )}
    </span>
  );
}
