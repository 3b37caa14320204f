import { queryOptions } from "@tanstack/react-query";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import type { Values } from "@/features/settings/form/values";
import { api, data, type Schemas } from "@/lib/api/client";

export type Webhook = Schemas["Webhook"];
export type Delivery = Schemas["WebhookDelivery"];

export const WEBHOOK_FILTERS = ["q", "enabled"] as const;
export type WebhookFilters = Partial<Record<(typeof WEBHOOK_FILTERS)[number], string>>;
export const DELIVERY_FILTERS = ["event", "status"] as const;
export type DeliveryFilters = Partial<Record<(typeof DELIVERY_FILTERS)[number], string>>;
export const NEWEST_FIRST = "-created_at";
export const WEBHOOKS_KEY = ["settings", "webhooks"] as const;

export function webhooksQuery(filters: WebhookFilters, sort: string) {
  return pagedQuery([...WEBHOOKS_KEY, "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/webhooks", { params: { query: { ...page, ...filters, sort } }, signal })),
  );
}

export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: [...WEBHOOKS_KEY, "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/webhooks/{id}", { params: { path: { id } }, signal })),
  });
}

export function deliveriesKey(id: string) {
  return [...WEBHOOKS_KEY, "deliveries", id];
}

/** They move on while one looks: tried again, delivered, given up. */
export function deliveriesQuery(id: string, filters: DeliveryFilters, sort: string) {
  return pagedQuery(
    [...deliveriesKey(id), filters, sort],
    (page, signal) => {
      const params = { path: { id }, query: { ...page, ...filters, sort } };
      return data(api.GET("/v1/webhooks/{id}/deliveries", { params, signal }));
    },
    { refetchInterval: 5000 },
  );
}

export function createWebhook(form: Values) {
  return data(api.POST("/v1/webhooks", { body: form as Schemas["WebhookForm"] }));
}

export function updateWebhook(id: string, changes: Values, version: number | null) {
  const body = changes as Schemas["WebhookPatch"];
  return data(api.PATCH("/v1/webhooks/{id}", { params: { path: { id } }, body, headers: ifMatch(version) }));
}

export function deleteWebhook({ id, version }: Webhook) {
  return data(api.DELETE("/v1/webhooks/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}

export function rotateSecret(id: string, grace_seconds: number) {
  return data(
    api.POST("/v1/webhooks/{id}/rotate-secret", { params: { path: { id } }, body: { grace_seconds } }),
  );
}

export function testWebhook(id: string) {
  return data(api.POST("/v1/webhooks/{id}/test", { params: { path: { id } } }));
}

export function redeliver({ webhook_id: id, id: delivery_id }: Delivery) {
  return data(
    api.POST("/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver", {
      params: { path: { id, delivery_id } },
    }),
  );
}
