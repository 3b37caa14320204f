"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Card } from "@/components/ui/card";
import { DraftForm } from "@/features/settings/form/draft-form";
import { ChoiceSetting, NumberSetting, SwitchSetting, TextSetting } from "@/features/settings/form/fields";
import { ENVIRONMENT_OPTIONS } from "@/lib/environments";
import { lengthOf } from "@/lib/time/length";
import { useSavedDraft } from "@/features/settings/form/use-saved-draft";
import { createLimit, limitQuery, LIMITS_KEY, updateLimit, type RateLimit } from "./api";
import { fitting, limitValues, NEW_LIMIT } from "./limit-values";
import { METRIC_CHOICES, SCOPES } from "./limit-words";
import { limitHref } from "./limits-columns";
import { MemberSetting } from "./member-setting";

const ENVIRONMENTS = [{ value: "", name: "All" }, ...ENVIRONMENT_OPTIONS];
const KINDS = [
  { value: "rate", name: "Rate", says: "Counts in a window that slides." },
  { value: "quota", name: "Quota", says: "Counts by the calendar, in UTC." },
];
const PERIODS = [
  { value: "day", name: "A day" },
  { value: "month", name: "A month" },
];

export function LimitForm({ limit }: { limit?: RateLimit }) {
  const client = useQueryClient();
  const router = useRouter();
  const draft = useSavedDraft({
    saved: limit ? limitValues(limit) : NEW_LIMIT,
    version: limit?.version ?? null,
    onSave: async (changes, version) => {
      const saved = limit
        ? await updateLimit(limit.id, fitting(limitValues(limit), changes), version)
        : await createLimit({ ...NEW_LIMIT, ...fitting(NEW_LIMIT, changes) });
      client.setQueryData(limitQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: [...LIMITS_KEY, "list"] });
      if (!limit) router.replace(limitHref(saved));
    },
    onStale: () => void client.invalidateQueries({ queryKey: LIMITS_KEY }),
  });
  const scope = String(draft.values.scope_type);
  const isQuota = draft.values.kind === "quota";
  return (
    <DraftForm
      draft={draft}
      permission="policies:admin"
      action={limit ? "Save" : "Create limit"}
      onCancel={limit ? undefined : () => router.push("/settings/limits")}
    >
      <Card title="Whose calls">
        <TextSetting
          draft={draft}
          name="name"
          label="Name"
          help="To find it by. 1 to 100 characters."
          required
          maxLength={100}
        />
        <ChoiceSetting
          draft={draft}
          name="scope_type"
          choices={SCOPES.map(({ value, name }) => ({ value, name }))}
          onChoose={() => draft.set("scope_value", null)}
          label="Covers"
          help="What calls are counted by."
        />
        {scope !== "organization" && <MemberSetting draft={draft} scope={scope} />}
        <ChoiceSetting
          draft={draft}
          name="environment"
          choices={ENVIRONMENTS}
          standardValue=""
          label="Environment"
          help="Of the key that calls."
        />
      </Card>
      <Card title="How many">
        <ChoiceSetting
          draft={draft}
          name="metric"
          choices={METRIC_CHOICES}
          standardValue="requests"
          label="Counts"
        />
        <NumberSetting
          draft={draft}
          name="limit"
          min={1}
          max={1_000_000_000_000}
          label="Limit"
          help="At least 1."
        />
        <ChoiceSetting
          draft={draft}
          name="kind"
          choices={KINDS}
          standardValue="rate"
          label="Kind"
          help="One that becomes the other counts anew."
        />
        {isQuota ? (
          <ChoiceSetting draft={draft} name="period" choices={PERIODS} standardValue="day" label="Period" />
        ) : (
          <NumberSetting
            draft={draft}
            name="window_seconds"
            unit="seconds"
            says={lengthOf}
            min={1}
            max={3600}
            standardValue={60}
            label="Window"
            help="From 1 second to 1 hour."
          />
        )}
        <SwitchSetting
          draft={draft}
          name="enabled"
          standardValue={true}
          label="In force"
          help="Off: it counts and refuses nothing."
        />
      </Card>
    </DraftForm>
  );
}
