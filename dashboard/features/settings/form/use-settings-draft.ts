"use client";

import { useQueryClient } from "@tanstack/react-query";
import { settingsQuery, updateSettings, type SettingsDocument } from "@/features/settings/api";
import { useSavedDraft, type Draft } from "./use-saved-draft";
import { flatten } from "./values";

const SECTIONS = ["rate_limits", "tool_policy", "approvals", "security", "traces", "retention"];

/** Fields of the settings, by `section.field`. One document has one version: a page has one draft of it. */
export function useSettingsDraft(settings: SettingsDocument): Draft {
  const client = useQueryClient();
  return useSavedDraft({
    saved: flatten(settings, SECTIONS),
    version: settings.version,
    onSave: async (changes, version) => {
      const saved = await updateSettings(changes, version);
      client.setQueryData(settingsQuery.queryKey, saved);
      // Its name and its settings are one row with one version.
      void client.invalidateQueries({ queryKey: ["settings", "organization"] });
    },
    onStale: () => void client.invalidateQueries({ queryKey: ["settings"] }),
  });
}
