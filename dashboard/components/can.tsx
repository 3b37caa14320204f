"use client";

import type { ReactNode } from "react";
import { useMay } from "@/lib/session/session";

/** Shows what only those may use who hold the permission, for some rows at least. The API decides for each. */
export function Can({ permission, children }: { permission: string; children: ReactNode }) {
  return useMay(permission) ? children : null;
}
