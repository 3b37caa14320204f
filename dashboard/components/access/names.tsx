"use client";

import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/lib/session/session";
import { personQuery, serverNamesQuery, teamNamesQuery } from "./queries";

/** A person by their id; the id itself where the reader may not know, or where they are gone. */
export function PersonName({ id }: { id: string }) {
  const mayRead = useMay("users:read");
  const person = useQuery({ ...personQuery(id), enabled: mayRead });
  if (!person.data) return <Unknown id={id} />;
  return <span title={person.data.email}>{person.data.name || person.data.email}</span>;
}

export function TeamName({ id }: { id: string }) {
  const mayRead = useMay("teams:read");
  const teams = useQuery({ ...teamNamesQuery, enabled: mayRead });
  const name = teams.data?.teams.find((team) => team.id === id)?.name;
  return name ? <>{name}</> : <Unknown id={id} />;
}

export function ServerName({ id }: { id: string }) {
  const mayRead = useMay("servers:read");
  const servers = useQuery({ ...serverNamesQuery, enabled: mayRead });
  const name = servers.data?.mcp_servers.find((server) => server.id === id)?.name;
  return name ? <>{name}</> : <Unknown id={id} />;
}

function Unknown({ id }: { id: string }) {
  return (
    <span title={id} className="font-mono text-xs text-ink-3">
      {id.slice(0, 8)}
    </span>
  );
}
