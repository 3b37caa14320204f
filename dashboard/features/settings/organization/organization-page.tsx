"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/time";
import { organizationQuery, updateOrganization, type Organization } from "@/features/settings/api";
import { DraftForm } from "@/features/settings/form/draft-form";
import { TextSetting } from "@/features/settings/form/fields";
import { FormSkeleton } from "@/features/settings/form/form-skeleton";
import { useSavedDraft } from "@/features/settings/form/use-saved-draft";
import { SettingsPage } from "@/features/settings/settings-page";
import { meQuery } from "@/lib/session/session";

export function OrganizationPage() {
  return (
    <SettingsPage title="Organization" description="What it is called, and where bills go">
      <Content />
    </SettingsPage>
  );
}

function Content() {
  const organization = useQuery(organizationQuery);
  if (organization.data) return <Form organization={organization.data} />;
  if (!organization.error) return <FormSkeleton />;
  return (
    <Failed what="The organization" error={organization.error} onRetry={() => void organization.refetch()} />
  );
}

function Form({ organization }: { organization: Organization }) {
  const client = useQueryClient();
  const { name, billing_email } = organization;
  const draft = useSavedDraft({
    saved: { name, billing_email },
    version: organization.version,
    onSave: async (changes, version) => {
      client.setQueryData(organizationQuery.queryKey, await updateOrganization(changes, version));
      // Its name stands in the frame, and its settings have the same version.
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["settings", "document"] });
    },
    onStale: () => void client.invalidateQueries({ queryKey: ["settings"] }),
  });
  return (
    <>
      <DraftForm draft={draft} permission="settings:admin">
        <Card title="Names and addresses">
          <TextSetting
            draft={draft}
            name="name"
            label="Name"
            help="As people see it, in invites and at the sign-in. 1 to 100 characters."
            required
            maxLength={100}
          />
          <TextSetting
            draft={draft}
            name="billing_email"
            optional
            type="email"
            label="Billing address"
            help="The e-mail address for what is about money."
            standard="none"
          />
        </Card>
      </DraftForm>
      <Card title="What does not change" description="Decided when the organization was made">
        <Facts
          facts={[
            { name: "Short name", value: <Mono>{organization.slug}</Mono>, copy: organization.slug },
            { name: "Id", value: <Mono>{organization.id}</Mono>, copy: organization.id },
            { name: "Plan", value: organization.plan },
            { name: "Made", value: <RelativeTime at={organization.created_at} /> },
            { name: "Last changed", value: <RelativeTime at={organization.updated_at} /> },
          ]}
        />
      </Card>
    </>
  );
}
