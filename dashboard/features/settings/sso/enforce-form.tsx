"use client";

import { Card } from "@/components/ui/card";
import type { SettingsDocument } from "@/features/settings/api";
import { DraftForm, type Question } from "@/features/settings/form/draft-form";
import { SwitchSetting } from "@/features/settings/form/fields";
import { useSettingsDraft } from "@/features/settings/form/use-settings-draft";
import type { Values } from "@/features/settings/form/values";

function question(changes: Values): Question | null {
  if (changes["security.require_sso"] !== true) return null;
  return {
    title: "Sign in by single sign-on only?",
    description:
      "Everybody who signed in with a password is signed out at once, except you in this browser. It is refused until an administrator has signed in at a provider that is on.",
    action: "Require single sign-on",
  };
}

export function EnforceForm({ settings }: { settings: SettingsDocument }) {
  const draft = useSettingsDraft(settings);
  return (
    <DraftForm draft={draft} permission="settings:admin" question={question}>
      <Card title="For everybody">
        <SwitchSetting
          draft={draft}
          name="security.require_sso"
          standardValue={false}
          label="Require single sign-on"
          help="On: nobody comes in by a password. An administrator must have signed in at a provider before."
        />
      </Card>
    </DraftForm>
  );
}
