"use client";

import { Card } from "@/components/ui/card";
import { NumberSetting, SwitchSetting } from "@/features/settings/form/fields";
import { lengthOf } from "@/lib/time/length";
import { TicksSetting } from "@/features/settings/form/ticks-setting";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { useDirectory } from "@/lib/directory/directory";

export function ApprovalsCard({ draft }: { draft: Draft }) {
  return (
    <Card title="Approvals" description="Calls that wait for a person">
      <NumberSetting
        draft={draft}
        name="approvals.pending_ttl_seconds"
        unit="seconds"
        says={lengthOf}
        min={60}
        max={2_592_000}
        standardValue={86_400}
        label="A request waits for"
        help="After that it expires. From 60 seconds to 30 days."
      />
      <NumberSetting
        draft={draft}
        name="approvals.valid_seconds"
        unit="seconds"
        says={lengthOf}
        min={60}
        max={2_592_000}
        standardValue={3600}
        label="An approval is good for"
        help="How long it can be used, unless the reviewer says otherwise. From 60 seconds to 30 days."
      />
      <NumberSetting
        draft={draft}
        name="approvals.hold_seconds"
        unit="seconds"
        says={lengthOf}
        min={0}
        max={300}
        standardValue={0}
        label="A call is held for"
        help="So long the proxy waits for the decision before it tells the client to come again. 0 to 300 seconds."
      />
      <SwitchSetting
        draft={draft}
        name="approvals.allow_self_review"
        standardValue={false}
        label="Approve one's own calls"
        help="Whether the person who asked may be the one who approves."
      />
      <Channels draft={draft} />
    </Card>
  );
}

function Channels({ draft }: { draft: Draft }) {
  const channels = useDirectory("channel");
  const options = (channels.all ?? []).map(({ id, name, more }) => ({
    value: id,
    name: `${name} (${more})`,
  }));
  const help = !channels.allowed
    ? "Which alert channels tell of new requests. You may not see their names."
    : channels.error
      ? "The alert channels could not be loaded; those that are chosen are shown by their ids."
      : channels.all?.length === 0
        ? "There is no alert channel yet. Make one among the alerts, then choose it here."
        : "Which alert channels tell of new requests. At most 20.";
  return (
    <TicksSetting
      draft={draft}
      name="approvals.channel_ids"
      options={options}
      label="Announced at"
      help={help}
      standard="nowhere"
    />
  );
}
