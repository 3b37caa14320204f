"use client";

import { Card } from "@/components/ui/card";
import type { SettingsDocument } from "@/features/settings/api";
import { DraftForm, type Question } from "@/features/settings/form/draft-form";
import { ChoiceSetting, NumberSetting, SwitchSetting, type Choice } from "@/features/settings/form/fields";
import { lengthOf } from "@/lib/time/length";
import { LinesSetting } from "@/features/settings/form/lines-setting";
import { useSettingsDraft } from "@/features/settings/form/use-settings-draft";
import type { Values } from "@/features/settings/form/values";
import { SettingsPage } from "@/features/settings/settings-page";
import { WithSettings } from "@/features/settings/with-settings";

const CAPTURE: readonly Choice[] = [
  { value: "none", name: "Nothing", says: "Only sizes and durations are kept." },
  {
    value: "redacted",
    name: "Redacted",
    says: "Arguments and results are kept, with what detectors find masked.",
  },
  {
    value: "full",
    name: "Everything",
    says: "Arguments and results are kept as they were, secrets included.",
  },
];

export function SecurityPage() {
  return (
    <SettingsPage
      title="Security"
      description="Who gets in, from where and for how long; what is kept of calls"
    >
      <WithSettings>{(settings) => <Form settings={settings} />}</WithSettings>
    </SettingsPage>
  );
}

function question(changes: Values): Question | null {
  if (changes["security.local_login"] === false) {
    return {
      title: "End log-ins by password?",
      description:
        "Everybody who signed in with a password is signed out at once, except you in this browser. It is refused if no administrator could sign in any more.",
      action: "End log-ins by password",
    };
  }
  if (changes["traces.payload_capture"] === "full") {
    return {
      title: "Keep everything of calls?",
      description:
        "From now on arguments and results are stored as they are, with the secrets and personal data in them.",
      action: "Keep everything",
    };
  }
  return null;
}

function Form({ settings }: { settings: SettingsDocument }) {
  const draft = useSettingsDraft(settings);
  return (
    <DraftForm draft={draft} permission="settings:admin" question={question}>
      <Card title="Signing in">
        <SwitchSetting
          draft={draft}
          name="security.local_login"
          standardValue={true}
          label="Log-ins by password"
          help="Off: people come in by single sign-on only, and sessions that began with a password end."
        />
        <NumberSetting
          draft={draft}
          name="security.session_seconds"
          unit="seconds"
          says={lengthOf}
          min={60}
          max={2_592_000}
          standardValue={86_400}
          label="A session lasts"
          help="Of new sessions; at most as long as the installation allows (SESSION_DURATION). From 60 seconds to 30 days."
        />
      </Card>
      <Card title="Addresses and keys">
        <LinesSetting
          draft={draft}
          name="security.ip_allowlist"
          label="Allowed addresses"
          help="Addresses or networks from which sessions and keys are good, one a line. Your own must be among them."
          standard="any address"
          placeholder={"203.0.113.0/24\n2001:db8::/32"}
        />
        <NumberSetting
          draft={draft}
          name="security.key_max_ttl_days"
          unit="days"
          min={1}
          max={3650}
          standardValue={null}
          standard="for ever (empty)"
          label="A key lives at most"
          help="Of new API keys. 1 to 3650 days, or empty."
        />
      </Card>
      <Card title="Payloads">
        <ChoiceSetting
          draft={draft}
          name="traces.payload_capture"
          choices={CAPTURE}
          standardValue="none"
          label="What is kept of calls"
          help="Of arguments and results. Reading them needs traces:payloads, and is in the audit log."
        />
      </Card>
    </DraftForm>
  );
}
