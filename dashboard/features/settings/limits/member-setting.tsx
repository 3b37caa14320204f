"use client";

import { ChoiceSetting, TextSetting } from "@/features/settings/form/fields";
import { PickSetting } from "@/features/settings/form/pick-setting";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { useDirectory } from "@/lib/directory/directory";
import { permissionFor } from "@/lib/directory/kinds";
import { inSentence } from "@/lib/in-words";
import { useMay } from "@/lib/session/session";
import { scopeName, SCOPES } from "./limit-words";

const EACH = "Each on its own";

interface Props {
  draft: Draft;
  scope: string;
}

/** Which of them, chosen by name where the person may see names; or each on its own. */
export function MemberSetting({ draft, scope }: Props) {
  const text = { draft, name: "scope_value", label: `Which ${inSentence(scopeName(scope))}` };
  if (scope === "team" || scope === "server") return <ListedMember {...text} scope={scope} />;
  if (scope === "user" || scope === "api_key") return <FoundMember {...text} scope={scope} />;
  return <TypedMember {...text} scope={scope} />;
}

type MemberProps<Scope> = Props & { name: string; label: string; scope: Scope };

/** The API means teams by their ids and servers by their names. */
function ListedMember({ scope, ...text }: MemberProps<"team" | "server">) {
  const { all } = useDirectory(scope);
  if (!all) return <TypedMember {...text} scope={scope} />;
  const choices = all.map(({ id, name }) => ({ value: scope === "team" ? id : name, name }));
  return <ChoiceSetting {...text} choices={[{ value: "", name: EACH }, ...choices]} standardValue="" />;
}

function FoundMember({ scope, ...text }: MemberProps<"user" | "api_key">) {
  if (!useMay(permissionFor(scope))) return <TypedMember {...text} scope={scope} />;
  return <PickSetting {...text} kind={scope} none={EACH} standard="none, each on its own" />;
}

function TypedMember({ scope, ...text }: MemberProps<string>) {
  const help = SCOPES.find(({ value }) => value === scope)?.says;
  return <TextSetting {...text} optional maxLength={400} help={help} standard="empty, each on its own" />;
}
