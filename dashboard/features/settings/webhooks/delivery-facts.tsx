import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Delivery } from "./api";
import { WebhookStatus } from "./webhook-status";

export function DeliveryFacts({ delivery }: { delivery: Delivery }) {
  const { next_attempt_at: next, latency_ms: latency } = delivery;
  return (
    <Facts
      facts={[
        { name: "Status", value: <WebhookStatus status={delivery.status} /> },
        { name: "Event", value: <Mono>{delivery.event}</Mono> },
        { name: "Answer", value: delivery.response_status ? `HTTP ${delivery.response_status}` : "none" },
        { name: "Took", value: latency === null ? null : duration(latency) },
        { name: "Why", value: delivery.error },
        { name: "Attempts", value: count(delivery.attempts) },
        { name: "Next attempt", value: next && <RelativeTime at={next} /> },
        { name: "Happened", value: <ClockTime at={delivery.created_at} /> },
        { name: "webhook-id", value: <Mono>{delivery.event_id}</Mono>, copy: delivery.event_id },
      ]}
    />
  );
}
