"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { SelectField } from "@/components/form/select-field";
import { Card } from "@/components/ui/card";
import type { Schemas } from "@/lib/api/client";
import { themeOf } from "@/lib/session/account-theme";
import { chooseTheme, THEMES, useTheme, type Theme } from "@/lib/theme";
import { profileChanged, updateProfile } from "./api";

const OPTIONS = Object.entries(THEMES).map(([value, name]) => ({ value, name }));

/** What goes along with the account from browser to browser. */
export function PreferencesCard({ user }: { user: Schemas["MeUser"] }) {
  const client = useQueryClient();
  const here = useTheme();
  const [busy, setBusy] = useState(false);
  const kept = themeOf(user.preferences);

  async function choose(theme: Theme) {
    chooseTheme(theme);
    setBusy(true);
    await attempt(() => updateProfile({ preferences: { theme } as never }), "Your preference is kept");
    await profileChanged(client);
    setBusy(false);
  }

  return (
    <Card title="Preferences">
      <SelectField
        label="Theme"
        value={kept ?? here}
        options={OPTIONS}
        disabled={busy}
        onChange={(theme) => void choose(theme as Theme)}
        hint="Kept with your account: other browsers begin with it, and may have one of their own."
      />
    </Card>
  );
}
