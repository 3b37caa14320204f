"use client";

import { ChoicesField } from "@/components/form/choices-field";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { useDirectory } from "@/lib/directory/directory";
import type { FieldsProps } from "./rule-form";

/** Who hears of it, and how often. */
export function ReceiverFields({ draft, put, about }: FieldsProps) {
  const channels = useDirectory("channel");
  return (
    <Card title="Who is told">
      <div className="grid gap-4 sm:grid-cols-2">
        <ChoicesField
          label="Channels"
          hint="None: it is only shown here."
          chosen={draft.channel_ids}
          onChange={(chosen) => put("channel_ids", chosen)}
          options={channels.options}
          none="There are no channels yet: make one under Channels."
          problem={about("channel_ids")}
        />
        <Field
          label="Tell again after minutes"
          type="number"
          min={1}
          max={10_080}
          value={draft.renotify_minutes}
          onChange={(event) => put("renotify_minutes", event.target.value)}
          hint="Until somebody acknowledges it. Empty: once only"
          problem={about("renotify_minutes")}
        />
      </div>
    </Card>
  );
}
