"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed } from "@/components/states/states";
import { settingsQuery, type SettingsDocument } from "./api";
import { FormSkeleton } from "./form/form-skeleton";

/** The settings, once they are there. */
export function WithSettings({ children }: { children: (settings: SettingsDocument) => ReactNode }) {
  const settings = useQuery(settingsQuery);
  if (settings.data) return children(settings.data);
  if (!settings.error) return <FormSkeleton />;
  return <Failed what="The settings" error={settings.error} onRetry={() => void settings.refetch()} />;
}
