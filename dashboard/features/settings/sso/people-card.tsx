"use client";

import { Card } from "@/components/ui/card";
import { ChoiceSetting, SwitchSetting, TextSetting } from "@/features/settings/form/fields";
import { LinesSetting } from "@/features/settings/form/lines-setting";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { useDirectory } from "@/lib/directory/directory";
import { GroupsSetting } from "./groups-setting";

/** Who gets in, and as what. */
export function PeopleCard({ draft }: { draft: Draft }) {
  return (
    <Card title="People">
      <LinesSetting
        draft={draft}
        name="allowed_domains"
        label="Allowed domains"
        help="Of their e-mail addresses, one a line. Needed where anybody in the world can sign in."
        standard="any domain"
        placeholder="example.com"
      />
      <SwitchSetting
        draft={draft}
        name="jit_provisioning"
        standardValue={true}
        label="Let in who was not invited"
        help="They get an account when they first sign in."
      />
      <DefaultRole draft={draft} />
      <GroupsSetting draft={draft} />
    </Card>
  );
}

function DefaultRole({ draft }: { draft: Draft }) {
  const roles = useDirectory("role");
  const text = {
    draft,
    name: "default_role",
    label: "Their role then",
    help: "The role that such an account gets.",
  };
  if (!roles.all) return <TextSetting {...text} required maxLength={50} standard="viewer" />;
  const choices = roles.all.map(({ name }) => ({ value: name, name }));
  return <ChoiceSetting {...text} choices={choices} standardValue="viewer" />;
}
