import { Card } from "@/components/ui/card";
import { TextSetting } from "@/features/settings/form/fields";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { CLAIMS } from "./provider-values";

const LABELS: Record<(typeof CLAIMS)[number], [string, string]> = {
  email: ["E-mail address", "Accounts are linked by it, if the provider has verified it."],
  name: ["Name", "As people are shown."],
  groups: ["Groups", "What the mappings above are about."],
  picture: ["Picture", "A URL."],
};

/** Where in what the provider tells of a person what is found. */
export function ClaimsCard({ draft }: { draft: Draft }) {
  return (
    <Card title="Claims" description="Names of claims, or JSON Pointers into one, such as /address/email">
      {CLAIMS.map((claim) => {
        const [label, help] = LABELS[claim];
        return (
          <TextSetting
            key={claim}
            draft={draft}
            name={`claim_mappings.${claim}`}
            required
            maxLength={200}
            label={label}
            help={help}
            standard={claim}
          />
        );
      })}
    </Card>
  );
}
