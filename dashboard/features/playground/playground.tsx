"use client";

import { useQuery } from "@tanstack/react-query";
import { Server, Wrench } from "lucide-react";
import { SelectField } from "@/components/form/select-field";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrl } from "@/lib/url/use-url";
import { serversQuery, toolsQuery } from "./api";
import { ToolCall } from "./tool-call";

/** Which server and which tool, in the URL; and then the call. */
export function Playground() {
  const { parameters, change } = useUrl();
  const servers = useQuery(serversQuery);
  const name = parameters.get("server");
  const server = servers.data?.find((one) => one.name === name);

  if (servers.error && !servers.data)
    return <Failed what="The servers" error={servers.error} onRetry={() => void servers.refetch()} />;
  if (!servers.data) return <Skeleton className="h-72" />;
  if (servers.data.length === 0) {
    return (
      <Notice
        icon={Server}
        title="No server to call"
        actions={
          <Link href="/servers" className={buttonClass()}>
            To the servers
          </Link>
        }
      >
        <p>Register an MCP server, or enable one.</p>
      </Notice>
    );
  }
  return (
    <>
      <Card>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <SelectField
            label="Server"
            options={[
              { value: "", name: "Choose a server …" },
              ...servers.data.map(({ name, display_name }) => ({
                value: name,
                name: display_name ? `${name} (${display_name})` : name,
              })),
            ]}
            value={server?.name ?? ""}
            problem={
              name && !server ? `There is no enabled server ${name}, or you may not see it.` : undefined
            }
            onChange={(server) => change({ server, tool: null })}
          />
          {server && <ToolChoice server={server.name} />}
        </div>
      </Card>
      {server && <Chosen server={server.name} />}
    </>
  );
}

function ToolChoice({ server }: { server: string }) {
  const { parameters, change } = useUrl();
  const tools = useQuery(toolsQuery(server));
  const name = parameters.get("tool");
  const isThere = tools.data?.some((tool) => tool.name === name) ?? false;
  return (
    <SelectField
      label="Tool"
      disabled={!tools.data}
      options={[
        { value: "", name: tools.data ? "Choose a tool …" : "Loading …" },
        ...(tools.data ?? []).map((tool) => ({ value: tool.name ?? "", name: tool.name ?? "" })),
      ]}
      value={isThere ? (name ?? "") : ""}
      problem={
        name && tools.data && !isThere ? `${server} has no tool ${name} that can be called.` : undefined
      }
      onChange={(tool) => change({ tool }, "push")}
    />
  );
}

function Chosen({ server }: { server: string }) {
  const { parameters } = useUrl();
  const tools = useQuery(toolsQuery(server));
  if (tools.error && !tools.data)
    return <Failed small what="Its tools" error={tools.error} onRetry={() => void tools.refetch()} />;
  if (!tools.data) return <Skeleton className="h-72" />;
  if (tools.data.length === 0) {
    return (
      <Notice small icon={Wrench} title={`${server} has no tools`}>
        <p>When it was last looked at, it offered none that can be called.</p>
      </Notice>
    );
  }
  const tool = tools.data.find((one) => one.name === parameters.get("tool"));
  if (!tool) return null;
  // Another definition is another form: what was typed for the old one may not fit it.
  return <ToolCall key={`${tool.id} ${tool.schema_hash}`} tool={tool} />;
}
