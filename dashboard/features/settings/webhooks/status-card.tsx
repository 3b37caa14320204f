"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { asApiError } from "@/lib/api/problem";
import { count } from "@/lib/number";
import { deliveriesKey, testWebhook, type Webhook } from "./api";
import { DeliveryFacts } from "./delivery-facts";
import { WebhookStatus } from "./webhook-status";

const REASONS: Record<string, string> = {
  gone: "the receiver answered 410: it wants no more",
  failing: "nothing reached the receiver for five days",
};

/** How it is, and what the receiver says to a test. */
export function StatusCard({ webhook }: { webhook: Webhook }) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => testWebhook(webhook.id),
    onSettled: () => void client.invalidateQueries({ queryKey: deliveriesKey(webhook.id) }),
  });
  const problem = test.error ? asApiError(test.error) : null;
  const { disabled_reason: reason, failing_since, previous_secret_valid_until: previous } = webhook;
  return (
    <Card
      title="How it fares"
      actions={
        <Can permission="settings:admin">
          <Button disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? "Sending …" : "Send a test"}
          </Button>
        </Can>
      }
    >
      <Facts
        facts={[
          { name: "Status", value: <WebhookStatus status={webhook.status} /> },
          { name: "Switched off", value: reason && `By itself: ${REASONS[reason] ?? reason}.` },
          { name: "Failed in a row", value: webhook.failure_count > 0 ? count(webhook.failure_count) : null },
          { name: "Failing", value: failing_since && <RelativeTime at={failing_since} /> },
          {
            name: "Former secret",
            value: previous && (
              <>
                signs as well until <ClockTime at={previous} />
              </>
            ),
          },
        ]}
      />
      <div role="status" className="mt-3 flex flex-col gap-3">
        {test.data && (
          <section>
            <h3 className="mb-1 text-xs font-medium text-ink-3">What came of the test</h3>
            <DeliveryFacts delivery={test.data} />
          </section>
        )}
      </div>
      {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
    </Card>
  );
}
