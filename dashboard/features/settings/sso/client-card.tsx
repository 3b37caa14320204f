import { Card } from "@/components/ui/card";
import { ChoiceSetting, SwitchSetting, TextSetting } from "@/features/settings/form/fields";
import { LinesSetting } from "@/features/settings/form/lines-setting";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { issuerExample, TYPES, typeName } from "./types";

export function ClientCard({ draft, isSecretSet }: { draft: Draft; isSecretSet: boolean }) {
  const type = String(draft.values.type);
  return (
    <Card title="Provider">
      <ChoiceSetting
        draft={draft}
        name="type"
        choices={TYPES}
        label="Type"
        help="All are found by OpenID Connect's discovery."
      />
      <TextSetting
        draft={draft}
        name="name"
        maxLength={100}
        label="Name"
        help="As it stands on the button at the sign-in."
        standard={`${typeName(type)}, if it is empty`}
      />
      <TextSetting
        draft={draft}
        name="issuer_url"
        type="url"
        required
        label="Issuer"
        help="Exactly as the provider writes it. Its discovery document is read from there."
        placeholder={issuerExample(type)}
      />
      <TextSetting
        draft={draft}
        name="client_id"
        required
        label="Client id"
        help="Of GatewayOps at the provider."
      />
      <TextSetting
        draft={draft}
        name="client_secret"
        optional
        type="password"
        autoComplete="new-password"
        required={!isSecretSet}
        label="Client secret"
        help={
          isSecretSet
            ? "Set, and not shown. Empty: as it is. Another issuer is given its secret anew."
            : "Kept encrypted, and never shown again."
        }
      />
      <LinesSetting
        draft={draft}
        name="scopes"
        label="Scopes"
        help="What is asked for, one a line."
        standard="openid, profile, email"
      />
      <SwitchSetting
        draft={draft}
        name="enabled"
        standardValue={true}
        label="On"
        help="Off: nobody signs in at it, and the sessions it began end."
      />
      <SwitchSetting
        draft={draft}
        name="mcp_tokens"
        standardValue={false}
        label="Open MCP endpoints"
        help="Whether its access tokens are good at the proxy as well."
      />
    </Card>
  );
}
