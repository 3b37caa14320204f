// A person's effective permissions, as the permissions endpoint says them: one question for each.
import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import type { Extent } from "@/lib/permission/selection";

type Permission = Schemas["Permission"];

export interface Verdict extends Permission {
  extent: Extent;
  /** As a sentence of the API. */
  reason: string;
  assignmentId: string | null;
}

/** Whom it is about, and for which rows; neither team nor server: for all rows. */
export interface About {
  user_id: string;
  team_id?: string;
  mcp_server?: string;
}

const AT_ONCE = 6;

/** Runs over all of them, a few at a time. */
export async function mapSome<In, Out>(
  items: readonly In[],
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const done = new Array<Out>(items.length);
  let next = 0;
  async function run(): Promise<void> {
    while (next < items.length) {
      const at = next;
      next += 1;
      try {
        done[at] = await work(items[at] as In);
      } catch (error) {
        // Nobody waits for the rest.
        next = items.length;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run));
  return done;
}

async function judge(one: Permission, about: About, signal: AbortSignal): Promise<Verdict> {
  const ask = (permission: string) =>
    data(api.POST("/v1/permissions/check", { body: { permission, ...about }, signal }));
  const answer = await ask(one.permission);
  if (answer.allowed)
    return { ...one, extent: "all", reason: answer.reason, assignmentId: answer.assignment_id };
  if (one.supports_own) {
    const own = await ask(`${one.permission}:own`);
    if (own.allowed) return { ...one, extent: "own", reason: own.reason, assignmentId: own.assignment_id };
  }
  return { ...one, extent: "none", reason: answer.reason, assignmentId: null };
}

export function verdictsQuery(permissions: readonly Permission[], about: About) {
  return queryOptions({
    queryKey: ["team", "verdicts", about],
    queryFn: ({ signal }) => mapSome(permissions, AT_ONCE, (one) => judge(one, about, signal)),
    enabled: permissions.length > 0 && about.user_id !== "",
    staleTime: 30_000,
  });
}
