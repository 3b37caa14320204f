"use client";

import { ChoicesField } from "@/components/form/choices-field";
import { PickersField } from "@/components/form/pickers-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Card } from "@/components/ui/card";
import { useDirectory } from "@/lib/directory/directory";
import { ENVIRONMENT_OPTIONS } from "@/lib/environments";
import { useMay } from "@/lib/session/session";
import type { FieldsProps } from "./rule-form";

/** Which calls are meant. */
export function FilterFields({ draft, put, about }: FieldsProps) {
  const servers = useDirectory("server");
  const teams = useDirectory("team");
  const mayListKeys = useMay("keys:read");
  return (
    <Card title="Which calls" description="Where nothing is chosen, all are meant">
      <div className="grid gap-4 sm:grid-cols-2">
        {(servers.allowed || draft.mcp_servers.length > 0) && (
          <ChoicesField
            label="Servers"
            chosen={draft.mcp_servers}
            onChange={(chosen) => put("mcp_servers", chosen)}
            options={servers.allowed ? servers.all?.map(({ name }) => ({ value: name, name })) : []}
            none="There are no servers yet."
            problem={about("filters.mcp_servers")}
          />
        )}
        <TextAreaField
          label="Tools"
          rows={5}
          value={draft.tool_names}
          onChange={(event) => put("tool_names", event.target.value)}
          hint="Names, one on each line"
          problem={about("filters.tool_names")}
        />
        {(teams.allowed || draft.team_ids.length > 0) && (
          <ChoicesField
            label="Teams"
            chosen={draft.team_ids}
            onChange={(chosen) => put("team_ids", chosen)}
            options={teams.allowed ? teams.options : []}
            none="There are no teams yet."
            problem={about("filters.team_ids")}
          />
        )}
        {(mayListKeys || draft.api_key_ids.length > 0) && (
          <PickersField
            label="API keys"
            kind="api_key"
            chosen={draft.api_key_ids}
            onChange={(chosen) => put("api_key_ids", chosen)}
            problem={about("filters.api_key_ids")}
          />
        )}
        <ChoicesField
          label="Environments"
          chosen={draft.environments}
          onChange={(chosen) => put("environments", chosen)}
          options={ENVIRONMENT_OPTIONS}
          none=""
          problem={about("filters.environments")}
        />
      </div>
    </Card>
  );
}
