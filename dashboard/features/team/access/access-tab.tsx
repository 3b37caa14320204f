"use client";

import { UserRoundSearch } from "lucide-react";
import { PickerField } from "@/components/form/picker-field";
import { SelectField } from "@/components/form/select-field";
import { Notice } from "@/components/states/notice";
import { useDirectory } from "@/lib/directory/directory";
import { useMay, useMe } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { EffectiveAccess } from "./effective-access";

/** `user_id`, and for which rows: `for=team:<id>` or `for=server:<name>`. */
export function AccessTab() {
  const { user } = useMe();
  const { parameters, change } = useUrl();
  const maySeeOthers = useMay("rbac:read");
  const asked = maySeeOthers ? parameters.get("user_id") : null;
  const userId = asked ?? user?.id ?? "";
  const place = parameters.get("for") ?? "";
  const [kind, name] = place.split(/:(.*)/s);
  return (
    <div className="-m-1 flex min-h-0 flex-col gap-5 overflow-y-auto p-1">
      <div className="grid items-start gap-4 sm:max-w-2xl sm:grid-cols-2">
        {maySeeOthers ? (
          <PickerField
            label="Who"
            kind="user"
            value={userId}
            onChange={(user_id) => change({ user_id }, "push")}
          />
        ) : (
          <p className="self-center text-sm text-ink-2">
            What you may do. To look at others one needs <code className="font-mono text-xs">rbac:read</code>.
          </p>
        )}
        <PlaceField value={place} onChange={(next) => change({ for: next || null })} />
      </div>
      {userId === "" ? (
        <Notice icon={UserRoundSearch} title="Choose a person above" />
      ) : (
        <EffectiveAccess
          about={{
            user_id: userId,
            ...(kind === "team" && name && { team_id: name }),
            ...(kind === "server" && name && { mcp_server: name }),
          }}
        />
      )}
    </div>
  );
}

function PlaceField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const teams = useDirectory("team");
  const servers = useDirectory("server");
  return (
    <SelectField
      label="On what"
      value={value}
      onChange={onChange}
      options={[
        { value: "", name: "Everything" },
        ...(teams.all ?? []).map(({ id, name }) => ({ value: `team:${id}`, name: `Team ${name}` })),
        ...(servers.all ?? []).map(({ name }) => ({
          value: `server:${name}`,
          name: `Server ${name}`,
        })),
      ]}
      hint="What counts on one team or one server only is seen when it is chosen."
    />
  );
}
