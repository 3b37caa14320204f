"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { asApiError } from "@/lib/api/problem";
import { deliveriesKey, redeliver, type Delivery } from "./api";
import { DeliveryFacts } from "./delivery-facts";

export function DeliveryDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => redeliver(delivery),
    onSuccess: () => {
      toast("It is sent again.");
      void client.invalidateQueries({ queryKey: deliveriesKey(delivery.webhook_id) });
    },
  });
  const problem = again.error ? asApiError(again.error) : null;
  return (
    <Dialog open onOpenChange={onClose} title="Delivery">
      <div className="flex flex-col gap-5">
        <DeliveryFacts delivery={delivery} />
        {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
        <Can permission="settings:admin">
          <div className="flex flex-wrap items-center justify-end gap-3">
            <p className="text-sm text-ink-3">From the beginning, and under the same id.</p>
            <Button disabled={again.isPending} onClick={() => again.mutate()}>
              Send it again
            </Button>
          </div>
        </Can>
      </div>
    </Dialog>
  );
}
