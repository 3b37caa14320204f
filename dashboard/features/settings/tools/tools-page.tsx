"use client";

import { Card } from "@/components/ui/card";
import type { SettingsDocument } from "@/features/settings/api";
import { DraftForm } from "@/features/settings/form/draft-form";
import { ChoiceSetting } from "@/features/settings/form/fields";
import { useSettingsDraft } from "@/features/settings/form/use-settings-draft";
import { SettingsPage } from "@/features/settings/settings-page";
import { WithSettings } from "@/features/settings/with-settings";
import { ApprovalsCard } from "./approvals-card";
import { CHANGES, LEVELS, VERDICTS } from "./choices";

export function ToolsSettingsPage() {
  return (
    <SettingsPage title="Tool policy" description="What becomes of calls where nothing more exact is said">
      <WithSettings>{(settings) => <Form settings={settings} />}</WithSettings>
    </SettingsPage>
  );
}

function Form({ settings }: { settings: SettingsDocument }) {
  const draft = useSettingsDraft(settings);
  return (
    <DraftForm draft={draft} permission="settings:admin">
      <Card title="Calls" description="By how dangerous a tool is; tool permissions come before it">
        <ChoiceSetting
          draft={draft}
          name="tool_policy.safe"
          choices={VERDICTS}
          standardValue="allow"
          label="Safe tools"
          help="They read, and what they read is for everybody."
        />
        <ChoiceSetting
          draft={draft}
          name="tool_policy.sensitive"
          choices={VERDICTS}
          standardValue="allow"
          label="Sensitive tools"
          help="They read what is not for everybody, or write what can be undone."
        />
        <ChoiceSetting
          draft={draft}
          name="tool_policy.dangerous"
          choices={VERDICTS}
          standardValue="approve"
          label="Dangerous tools"
          help="What they do cannot be undone."
        />
        <ChoiceSetting
          draft={draft}
          name="tool_policy.unknown_tool"
          choices={LEVELS}
          standardValue="sensitive"
          label="Unknown tools count as"
          help="The level of a tool that nobody has classified."
        />
      </Card>
      <Card title="New and changed tools" description="When a server offers something that it did not before">
        <ChoiceSetting
          draft={draft}
          name="tool_policy.new_tool"
          choices={CHANGES}
          standardValue="allow"
          label="New tools"
          help="A tool that was not there before."
        />
        <ChoiceSetting
          draft={draft}
          name="tool_policy.changed_tool"
          choices={CHANGES}
          standardValue="quarantine"
          label="Changed tools"
          help="A tool whose description or schema is no longer what was reviewed."
        />
      </Card>
      <ApprovalsCard draft={draft} />
    </DraftForm>
  );
}
