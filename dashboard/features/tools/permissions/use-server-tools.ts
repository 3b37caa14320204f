"use client";

import { useQuery } from "@tanstack/react-query";
import { useDirectory } from "@/lib/directory/directory";
import { serverToolsQuery } from "./api";

const NONE: [] = [];

/** The tools of a server that is named in full; none for a pattern, and while a name is typed. */
export function useServerTools(server: string) {
  const servers = useDirectory("server");
  const isNamed = servers.all?.some(({ name }) => name === server) ?? false;
  return useQuery({ ...serverToolsQuery(server), enabled: isNamed }).data ?? NONE;
}
