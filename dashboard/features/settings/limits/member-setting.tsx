"use client";

import { useQuery } from "@tanstack/react-query";
import { TextSetting } from "@/features/settings/form/fields";
import type { Draft } from "@/features/settings/form/use-draft";
import { useMay } from "@/lib/session/session";
import { scopeInSentence, SCOPES } from "./limit-words";
import { membersPermission, membersQuery } from "./members";

/** Which of them, by name where the person may see names; or each on its own. */
export function MemberSetting({ draft, scope }: { draft: Draft; scope: string }) {
  const permission = membersPermission(scope);
  const mayRead = useMay(permission ?? "") && permission !== null;
  const members = useQuery({ ...membersQuery(scope), enabled: mayRead });
  const chosen = members.data?.find(({ value }) => value === draft.values.scope_value);
  return (
    <TextSetting
      draft={draft}
      name="scope_value"
      optional
      maxLength={400}
      suggestions={members.data}
      label={`Which ${scopeInSentence(scope)}`}
      help={SCOPES.find(({ value }) => value === scope)?.says}
      says={chosen && chosen.name !== chosen.value ? chosen.name : undefined}
      standard="empty, each on its own"
    />
  );
}
