"use client";

import { Card } from "@/components/ui/card";
import type { SettingsDocument } from "@/features/settings/api";
import { DraftForm } from "@/features/settings/form/draft-form";
import { NumberSetting } from "@/features/settings/form/fields";
import { useSettingsDraft } from "@/features/settings/form/use-settings-draft";

const MOST = 1_000_000;

const RATES = [
  {
    field: "prd_rpm",
    label: "Production key",
    help: "Each one that has no limit of its own.",
    standard: 1000,
  },
  { field: "stg_rpm", label: "Staging key", help: "Each one that has no limit of its own.", standard: 300 },
  {
    field: "dev_rpm",
    label: "Development key",
    help: "Each one that has no limit of its own.",
    standard: 100,
  },
  {
    field: "user_rpm",
    label: "Person",
    help: "Somebody's sessions of this dashboard together.",
    standard: 600,
  },
  {
    field: "org_rpm",
    label: "Organization",
    help: "All of it together. Up to 10,000,000.",
    standard: 10_000,
    most: 10_000_000,
  },
  { field: "ip_rpm", label: "Address", help: "Each one that shows no credentials.", standard: 100 },
];

export function RatesForm({ settings }: { settings: SettingsDocument }) {
  const draft = useSettingsDraft(settings);
  return (
    <DraftForm draft={draft} permission="settings:admin">
      <Card title="Requests a minute" description="1 to 1,000,000 each, unless it says otherwise">
        {RATES.map(({ field, label, help, standard, most = MOST }) => (
          <NumberSetting
            key={field}
            draft={draft}
            name={`rate_limits.${field}`}
            unit="a minute"
            min={1}
            max={most}
            standardValue={standard}
            label={label}
            help={help}
          />
        ))}
      </Card>
    </DraftForm>
  );
}
