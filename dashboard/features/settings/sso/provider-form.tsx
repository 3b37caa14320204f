"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { DraftForm, type Question } from "@/features/settings/form/draft-form";
import { useSavedDraft } from "@/features/settings/form/use-saved-draft";
import type { Values } from "@/features/settings/form/values";
import { createProvider, providerQuery, PROVIDERS_KEY, updateProvider, type Provider } from "./api";
import { ClaimsCard } from "./claims-card";
import { ClientCard } from "./client-card";
import { EVERYTHING } from "./permission";
import { PeopleCard } from "./people-card";
import { endsSessions, NEW_PROVIDER, providerValues } from "./provider-values";
import { providerHref } from "./providers-columns";

function question(changes: Values): Question | null {
  if (!endsSessions(changes)) return null;
  return {
    title: "End the sessions of this provider?",
    description:
      changes.enabled === false
        ? "Nobody signs in at it any more, and the sessions it began end."
        : "Another issuer or client is another directory: the sessions it began end, and people are found by their address anew.",
    action: "Save and end the sessions",
  };
}

export function ProviderForm({ provider }: { provider?: Provider }) {
  const client = useQueryClient();
  const router = useRouter();
  const draft = useSavedDraft({
    saved: provider ? providerValues(provider) : NEW_PROVIDER,
    version: provider?.version ?? null,
    onSave: async (changes, version) => {
      const saved = provider
        ? await updateProvider(provider.id, changes, version)
        : await createProvider({ ...NEW_PROVIDER, ...changes });
      client.setQueryData(providerQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: [...PROVIDERS_KEY, "list"] });
      if (!provider) router.replace(`${providerHref(saved)}&test=1`);
    },
    onStale: () => void client.invalidateQueries({ queryKey: PROVIDERS_KEY }),
  });
  return (
    <DraftForm
      draft={draft}
      permission={EVERYTHING}
      action={provider ? "Save" : "Create provider"}
      question={provider && question}
      onCancel={provider ? undefined : () => router.push("/settings/sso")}
    >
      <ClientCard draft={draft} isSecretSet={provider?.client_secret_set === true} />
      <PeopleCard draft={draft} />
      <ClaimsCard draft={draft} />
    </DraftForm>
  );
}
