"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Card } from "@/components/ui/card";
import { DraftForm } from "@/features/settings/form/draft-form";
import { SwitchSetting, TextSetting } from "@/features/settings/form/fields";
import { savedHeaders } from "@/features/settings/form/headers";
import { HeadersSetting } from "@/features/settings/form/headers-setting";
import { useSavedDraft } from "@/features/settings/form/use-saved-draft";
import type { Values } from "@/features/settings/form/values";
import { createWebhook, updateWebhook, webhookQuery, WEBHOOKS_KEY, type Webhook } from "./api";
import { EventsSetting } from "./events-setting";
import type { IssuedSecret } from "./webhook-secret";
import { webhookHref } from "./webhooks-columns";

const NEW_WEBHOOK: Values = { url: "", description: "", events: [], headers: null, enabled: true };

function valuesOf({ url, description, events, headers_set, enabled }: Webhook): Values {
  return { url, description, events, headers: savedHeaders(headers_set), enabled };
}

interface Props {
  webhook?: Webhook;
  /** Of a new one: its secret, this once. */
  onIssued?: (issued: IssuedSecret) => void;
}

export function WebhookForm({ webhook, onIssued }: Props) {
  const client = useQueryClient();
  const router = useRouter();

  async function create(changes: Values) {
    const { secret, ...created } = await createWebhook({ ...NEW_WEBHOOK, ...changes });
    onIssued?.({ webhook: created.id, secret });
    client.setQueryData(webhookQuery(created.id).queryKey, created);
    router.replace(webhookHref(created));
  }

  const draft = useSavedDraft({
    saved: webhook ? valuesOf(webhook) : NEW_WEBHOOK,
    version: webhook?.version ?? null,
    onSave: async (changes, version) => {
      if (webhook) {
        const saved = await updateWebhook(webhook.id, changes, version);
        client.setQueryData(webhookQuery(saved.id).queryKey, saved);
      } else await create(changes);
      void client.invalidateQueries({ queryKey: [...WEBHOOKS_KEY, "list"] });
    },
    onStale: () => void client.invalidateQueries({ queryKey: WEBHOOKS_KEY }),
  });

  return (
    <DraftForm
      draft={draft}
      permission="settings:admin"
      action={webhook ? "Save" : "Create webhook"}
      onCancel={webhook ? undefined : () => router.push("/settings/webhooks")}
    >
      <Card title="Receiver">
        <TextSetting
          draft={draft}
          name="url"
          type="url"
          label="URL"
          help="What is posted to. https and public, unless the installation allows others."
          placeholder="https://example.com/hooks/gatewayops"
          required
          maxLength={2000}
        />
        <TextSetting
          draft={draft}
          name="description"
          label="Description"
          help="For those who read this list."
          standard="none"
          maxLength={500}
        />
        <HeadersSetting
          draft={draft}
          name="headers"
          label="Headers"
          help="Sent with every message, for instance to let it through a gateway. Never read back; another host is given them anew."
        />
        <SwitchSetting
          draft={draft}
          name="enabled"
          standardValue={true}
          label="On"
          help="It is switched off by itself when the receiver answers 410, or after five days of failure."
        />
      </Card>
      <Card title="What it is told of">
        <EventsSetting draft={draft} />
      </Card>
    </DraftForm>
  );
}
