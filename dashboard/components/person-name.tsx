"use client";

import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Mono } from "@/components/ui/facts";
import { api, data } from "@/lib/api/client";
import { useMay } from "@/lib/session/session";

const KEPT_MS = 5 * 60_000;

function userQuery(id: string) {
  return queryOptions({
    queryKey: ["name-of", "user", id],
    queryFn: async ({ signal }) =>
      (await data(api.GET("/v1/users/{id}", { params: { path: { id } }, signal }))).email,
    staleTime: KEPT_MS,
  });
}

function keyQuery(id: string) {
  return queryOptions({
    queryKey: ["name-of", "key", id],
    queryFn: async ({ signal }) =>
      (await data(api.GET("/v1/api-keys/{id}", { params: { path: { id } }, signal }))).name,
    staleTime: KEPT_MS,
  });
}

function teamQuery(id: string) {
  return queryOptions({
    queryKey: ["name-of", "team", id],
    queryFn: async ({ signal }) =>
      (await data(api.GET("/v1/teams/{id}", { params: { path: { id } }, signal }))).name,
    staleTime: KEPT_MS,
  });
}

/** A user by their address, for who may know it; else what there is of them, the id. */
export function UserName({ id }: { id: string }) {
  return <Name id={id}>{useQuery({ ...userQuery(id), enabled: useMay("users:read") }).data}</Name>;
}

export function KeyName({ id }: { id: string }) {
  return <Name id={id}>{useQuery({ ...keyQuery(id), enabled: useMay("keys:read") }).data}</Name>;
}

export function TeamName({ id }: { id: string }) {
  return <Name id={id}>{useQuery({ ...teamQuery(id), enabled: useMay("teams:read") }).data}</Name>;
}

function Name({ id, children }: { id: string; children: ReactNode }) {
  if (children) return <span title={id}>{children}</span>;
  return <Mono>{id}</Mono>;
}
