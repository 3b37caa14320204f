import { queryOptions } from "@tanstack/react-query";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import type { Values } from "@/features/settings/form/values";
import { api, data, type Schemas } from "@/lib/api/client";

export type Exporter = Schemas["TelemetryExporter"];

export const EXPORTER_FILTERS = ["q", "protocol", "enabled"] as const;
export type ExporterFilters = Partial<Record<(typeof EXPORTER_FILTERS)[number], string>>;
export const EXPORTERS_SORT = "-created_at";
export const EXPORTERS_KEY = ["settings", "exporters"] as const;

export function exportersQuery(filters: ExporterFilters, sort: string) {
  return pagedQuery([...EXPORTERS_KEY, "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/telemetry/exporters", { params: { query: { ...page, ...filters, sort } }, signal })),
  );
}

/** How it fares moves while one looks. */
export function exporterQuery(id: string) {
  return queryOptions({
    queryKey: [...EXPORTERS_KEY, "one", id],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/telemetry/exporters/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 5000,
  });
}

export function createExporter(form: Values) {
  return data(api.POST("/v1/telemetry/exporters", { body: form as Schemas["TelemetryExporterForm"] }));
}

export function updateExporter(id: string, changes: Values, version: number | null) {
  const body = changes as Schemas["TelemetryExporterPatch"];
  return data(
    api.PATCH("/v1/telemetry/exporters/{id}", { params: { path: { id } }, body, headers: ifMatch(version) }),
  );
}

export function deleteExporter({ id, version }: Exporter) {
  return data(
    api.DELETE("/v1/telemetry/exporters/{id}", { params: { path: { id } }, headers: ifMatch(version) }),
  );
}

export function testExporter(id: string) {
  return data(api.POST("/v1/telemetry/exporters/{id}/test", { params: { path: { id } } }));
}
