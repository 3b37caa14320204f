"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { Suspense, useState } from "react";
import { Entrance, Refusal } from "@/components/layout/entrance";
import { Unreachable } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError } from "@/lib/api/problem";
import type { Schemas } from "@/lib/api/client";
import { returnPath } from "@/lib/url/return-path";
import { loginConfigQuery } from "./api";
import { OrganizationForm } from "./organization-form";
import { PasswordForm } from "./password-form";
import { reasonOf } from "./reasons";

export function LoginPage() {
  return (
    <Entrance title="Sign in to GatewayOps">
      <Suspense fallback={<Loading />}>
        <Ways />
      </Suspense>
    </Entrance>
  );
}

interface Refused {
  code: string;
  requestId: string | null;
}

function Ways() {
  const parameters = useSearchParams();
  const organization = parameters.get("organization");
  const destination = returnPath(parameters.get("redirect"));
  const config = useQuery(loginConfigQuery(organization));
  const [refused, setRefused] = useState<Refused | null>(() => {
    const code = parameters.get("error");
    return code === null ? null : { code, requestId: parameters.get("request_id") };
  });
  const [severalAccounts, setSeveralAccounts] = useState(false);

  if (config.isPending) return <Loading />;
  if (asApiError(config.error).isUnreachable && !config.data)
    return (
      <Unreachable small>
        <p>This page goes on by itself once it is back.</p>
      </Unreachable>
    );
  // Where the ways could not be found out, the password is tried: it says what is wrong.
  const { local_login: byPassword, providers } = config.data ?? { local_login: true, providers: [] };

  return (
    <div className="flex flex-col gap-5">
      {refused && <Refusal requestId={refused.requestId}>{reasonOf(refused.code)}</Refusal>}
      {providers.length > 0 && <Providers providers={providers} destination={destination} />}
      {providers.length > 0 && byPassword && <Or />}
      {byPassword && (
        <PasswordForm
          organization={organization}
          destination={destination}
          onRefused={(error) => {
            const problem = asApiError(error);
            const ambiguous = problem.fields.some(({ field }) => field === "organization");
            setSeveralAccounts(ambiguous);
            setRefused(ambiguous ? null : { code: problem.code, requestId: problem.requestId });
          }}
        />
      )}
      {(severalAccounts || (!byPassword && providers.length === 0) || organization !== null) && (
        <OrganizationForm organization={organization} severalAccounts={severalAccounts} />
      )}
    </div>
  );
}

function Providers({
  providers,
  destination,
}: {
  providers: readonly Schemas["LoginProvider"][];
  destination: string;
}) {
  return (
    <ul aria-label="Identity providers" className="flex flex-col gap-2">
      {providers.map((provider) => (
        <li key={provider.id}>
          {/* Not the dashboard's own: the browser leaves for the provider. */}
          <a
            href={`${provider.authorize_url}?redirect=${encodeURIComponent(destination)}`}
            className={`${buttonClass({ size: "large" })} w-full`}
          >
            Continue with {provider.name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Or() {
  return (
    <p className="flex items-center gap-3 text-xs text-ink-3 before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
      or with a password
    </p>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-5">
      <Skeleton className="h-16" />
      <Skeleton className="h-16" />
      <Skeleton className="h-10" />
    </div>
  );
}
