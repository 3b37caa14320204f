"use client";

import { Card } from "@/components/ui/card";
import type { SettingsDocument } from "@/features/settings/api";
import { DraftForm, type Question } from "@/features/settings/form/draft-form";
import { NumberSetting, SwitchSetting } from "@/features/settings/form/fields";
import { useSettingsDraft } from "@/features/settings/form/use-settings-draft";
import { flatten, type Values } from "@/features/settings/form/values";
import { SettingsPage } from "@/features/settings/settings-page";
import { WithSettings } from "@/features/settings/with-settings";
import { DueCard } from "./due-card";
import { KINDS, shortened } from "./kinds";

export function RetentionPage() {
  return (
    <SettingsPage title="Retention" description="How long what is kept; what is due goes once an hour">
      <WithSettings>
        {(settings) => (
          <>
            <Form settings={settings} />
            <DueCard isHeld={settings.retention.legal_hold === true} />
          </>
        )}
      </WithSettings>
    </SettingsPage>
  );
}

function Form({ settings }: { settings: SettingsDocument }) {
  const draft = useSettingsDraft(settings);

  function question(changes: Values): Question | null {
    const kinds = shortened(flatten({ retention: settings.retention }, ["retention"]), changes);
    if (changes["retention.legal_hold"] === false) {
      return {
        title: "Lift the legal hold?",
        description:
          "Everything that is older than its days goes within the hour, and cannot be brought back.",
        action: "Lift the legal hold",
      };
    }
    if (kinds.length > 0 && draft.values["retention.legal_hold"] !== true) {
      return {
        title: "Keep less?",
        description: `Of ${kinds.join(", ")}: what is older than the new days goes within the hour, and cannot be brought back.`,
        action: "Keep less",
      };
    }
    return null;
  }

  return (
    <DraftForm draft={draft} permission="settings:admin" question={question}>
      <Card title="Legal hold">
        <SwitchSetting
          draft={draft}
          name="retention.legal_hold"
          standardValue={false}
          label="Delete nothing"
          help="While it is on nothing of this organization goes, whatever the days below say."
        />
      </Card>
      <Card title="Days" description="1 to 3650 each, counted in whole days of UTC">
        {KINDS.map(({ field, label, help, standard }) => (
          <NumberSetting
            key={field}
            draft={draft}
            name={`retention.${field}`}
            unit="days"
            min={1}
            max={3650}
            standardValue={standard}
            label={label}
            help={help}
          />
        ))}
      </Card>
    </DraftForm>
  );
}
