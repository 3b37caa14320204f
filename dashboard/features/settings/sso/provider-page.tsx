"use client";

import { useQuery } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { FormSkeleton } from "@/features/settings/form/form-skeleton";
import { BackLink } from "@/components/layout/back-link";
import { DeleteButton } from "@/features/settings/listing/delete-button";
import { useUrl } from "@/lib/url/use-url";
import { deleteProvider, providerQuery, PROVIDERS_KEY, type Provider } from "./api";
import { EVERYTHING } from "./permission";
import { ProviderForm } from "./provider-form";
import { RegisterCard } from "./register-card";
import { SwitchOffButton } from "./switch-off-button";
import { TestCard } from "./test-card";

const LIST = "/settings/sso";

export function ProviderPage({ id }: { id: string }) {
  return (
    <>
      <BackLink href={LIST}>All providers</BackLink>
      {id === "new" ? <ProviderForm /> : <Existing id={id} />}
    </>
  );
}

function Existing({ id }: { id: string }) {
  const provider = useQuery(providerQuery(id));
  if (provider.data) return <One provider={provider.data} />;
  if (!provider.error) return <FormSkeleton />;
  return <Failed what="The provider" error={provider.error} onRetry={() => void provider.refetch()} />;
}

function One({ provider }: { provider: Provider }) {
  const isNew = useUrl().parameters.has("test");
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="min-w-0 text-lg font-semibold break-words">{provider.name}</h2>
        <div className="flex flex-wrap gap-2">
          <SwitchOffButton provider={provider} />
          <DeleteButton
            noun="provider"
            name={provider.name}
            description="The sessions it began end, and what its groups were granted goes. People are not deleted."
            permission={EVERYTHING}
            onDelete={() => deleteProvider(provider)}
            queryKey={PROVIDERS_KEY}
            listHref={LIST}
          />
        </div>
      </div>
      <RegisterCard provider={provider} />
      <TestCard key={provider.version} provider={provider} atOnce={isNew} />
      <ProviderForm provider={provider} />
    </>
  );
}
