"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { SecretOnce } from "@/components/secret-once";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useSubmit } from "@/components/form/use-submit";
import { createKey, keysChanged, type IssuedKey } from "@/features/keys/api";
import { ConnectCard } from "@/features/keys/connect/connect-card";
import { keyHref } from "@/features/keys/key-href";
import { ENVIRONMENT_OPTIONS, type Environment } from "@/lib/environments";
import { AboutFields } from "./about-fields";
import { ExpiryFields } from "./expiry-fields";
import { bodyOf, NEW_KEY } from "./key-values";
import { OwnerFields } from "./owner-fields";
import { PermissionFields } from "./permission-fields";
import { ScopeFields } from "./scope-fields";

/** `/new-key`: a page, so that neither what was typed nor the secret is lost to a stray key. */
export function NewKeyPage() {
  const [issued, setIssued] = useState<IssuedKey | null>(null);
  return (
    <Page
      title={issued ? issued.name : "New API key"}
      permission="keys:create"
      description={issued ? "The key is made." : "For a client or a script that calls through the gateway"}
      actions={<BackLink href="/keys">All keys</BackLink>}
    >
      {issued ? <Made issued={issued} /> : <NewKeyForm onMade={setIssued} />}
    </Page>
  );
}

function Made({ issued }: { issued: IssuedKey }) {
  return (
    <>
      <SecretOnce title="Copy the key now" text={issued.key} what="the key">
        <p>It is shown this once and kept nowhere. If it is lost, rotate the key to get another secret.</p>
      </SecretOnce>
      <ConnectCard apiKey={issued} secret={issued.key} />
      <div>
        <Link href={keyHref(issued)} className={buttonClass({ look: "primary" })}>
          I have copied it: to the key’s page
        </Link>
      </div>
    </>
  );
}

function NewKeyForm({ onMade }: { onMade: (issued: IssuedKey) => void }) {
  const client = useQueryClient();
  const router = useRouter();
  const [values, setValues] = useState(NEW_KEY);
  const change = (changes: Partial<typeof values>) => setValues((before) => ({ ...before, ...changes }));
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    onMade(await createKey(bodyOf(values, Date.now())));
    await keysChanged(client);
  });
  const fields = { values, change, about };
  return (
    <form onSubmit={onSubmit} className="flex max-w-4xl flex-col gap-5">
      <Card title="What it is for">
        <AboutFields {...fields} />
      </Card>
      <Card title="Whose it is" description="Fixed once the key is made">
        <div className="flex flex-col gap-4">
          <OwnerFields {...fields} />
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField
              label="Environment"
              value={values.environment}
              options={ENVIRONMENT_OPTIONS}
              onChange={(environment) => change({ environment: environment as Environment })}
              problem={about("environment")}
              hint="Stands in the key itself, and decides its usual limit."
            />
          </div>
        </div>
      </Card>
      <Card title="What it may do">
        <div className="flex flex-col gap-5">
          <PermissionFields {...fields} />
          <ScopeFields {...fields} />
        </div>
      </Card>
      <Card title="How long">
        <ExpiryFields {...fields} isNew />
      </Card>
      <FormProblem problem={problem} />
      <FormEnd action="Make the key" busy={busy} onCancel={() => router.push("/keys")} />
    </form>
  );
}
