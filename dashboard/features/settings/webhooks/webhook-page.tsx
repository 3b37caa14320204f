"use client";

import { useQuery } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { FormSkeleton } from "@/features/settings/form/form-skeleton";
import { DeleteButton } from "@/features/settings/listing/delete-button";
import { deleteWebhook, webhookQuery, WEBHOOKS_KEY, type Webhook } from "./api";
import { DeliveriesList } from "./deliveries-list";
import { RotateButton } from "./rotate-button";
import { StatusCard } from "./status-card";
import { WebhookForm } from "./webhook-form";
import type { IssuedSecret } from "./webhook-secret";

const LIST = "/settings/webhooks";

type OnIssued = (issued: IssuedSecret) => void;

export function WebhookPage({ id, onIssued }: { id: string; onIssued: OnIssued }) {
  const webhook = useQuery(webhookQuery(id));
  if (webhook.data) return <One webhook={webhook.data} onIssued={onIssued} />;
  if (!webhook.error) return <FormSkeleton />;
  return <Failed what="The webhook" error={webhook.error} onRetry={() => void webhook.refetch()} />;
}

function One({ webhook, onIssued }: { webhook: Webhook; onIssued: OnIssued }) {
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="min-w-0 text-lg font-semibold break-all">{webhook.url}</h2>
        <div className="flex flex-wrap gap-2">
          <RotateButton webhook={webhook} onIssued={onIssued} />
          <DeleteButton
            noun="webhook"
            name={new URL(webhook.url).host}
            description="The receiver is told of nothing more, and the record of its deliveries goes too."
            permission="settings:admin"
            onDelete={() => deleteWebhook(webhook)}
            queryKey={WEBHOOKS_KEY}
            listHref={LIST}
          />
        </div>
      </div>
      <StatusCard webhook={webhook} />
      <WebhookForm webhook={webhook} />
      <DeliveriesList webhook={webhook} />
    </>
  );
}
