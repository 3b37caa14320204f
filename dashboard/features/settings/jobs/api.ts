import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";

export type Job = Schemas["Job"];
export type JobType = Schemas["JobType"];
export type JobParams = Schemas["JobParams"];

export const JOB_FILTERS = ["type", "status"] as const;
export type JobFilters = Partial<Record<(typeof JOB_FILTERS)[number], string>>;
export const JOBS_SORT = "-created_at";

/** How often it is asked how far a job is. */
const LOOK_EVERY_MS = 1500;
const LOOK_AT_ALL_EVERY_MS = 3000;
/** While none is being done: the clock asks for some, and so may others. */
const LOOK_SELDOM_MS = 30_000;

export function isUnfinished({ status }: Pick<Job, "status">): boolean {
  return status === "queued" || status === "running";
}

export function jobsQuery(filters: JobFilters, sort = JOBS_SORT) {
  return {
    ...pagedQuery(["settings", "jobs", "list", filters, sort], (page, signal) =>
      data(api.GET("/v1/jobs", { params: { query: { ...page, ...filters, sort } }, signal })),
    ),
    refetchInterval: ({ state }: { state: { data?: { pages: readonly { jobs: readonly Job[] }[] } } }) => {
      const isBusy = state.data?.pages.some((page) => page.jobs.some(isUnfinished));
      return isBusy ? LOOK_AT_ALL_EVERY_MS : LOOK_SELDOM_MS;
    },
  };
}

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ["settings", "jobs", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/jobs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isUnfinished(state.data) ? LOOK_EVERY_MS : false),
  });
}

export function startJob(type: JobType, params: JobParams = {}) {
  return data(api.POST("/v1/jobs", { body: { type, params } }));
}
