"use client";

import { useState, type ReactNode } from "react";
import { SelectField } from "@/components/form/select-field";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useDirectory } from "@/lib/directory/directory";
import { fits } from "@/lib/glob";
import { useMcpUrl } from "@/lib/session/mcp-url";
import type { ApiKey } from "@/features/keys/api";
import { exportLine, snippets, VARIABLE, type Snippet } from "./snippets";

/** Ready-made configuration for the clients there are. The secret stands in it only while it is known. */
export function ConnectCard({ apiKey, secret }: { apiKey: ApiKey; secret?: string }) {
  const servers = useDirectory("server");
  const [server, setServer] = useState("");
  const url = useMcpUrl(server);

  const names = (servers.all ?? [])
    .map(({ name }) => name)
    .filter((name) => apiKey.servers.some((pattern) => fits(pattern, name)));
  return (
    <Card
      title="Connect a client"
      description="Copy it, and the client calls through the gateway with this key"
    >
      <div className="flex flex-col gap-4">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <SelectField
            label="Servers"
            value={server}
            options={[
              { value: "", name: "All that the key may use, as one" },
              ...names.map((name) => ({ value: name, name })),
            ]}
            onChange={setServer}
            hint={server ? "Names of tools are as the server has them." : "Tools are named server__tool."}
          />
        </div>
        <Configuration secret={secret} url={url} server={server} />
      </div>
    </Card>
  );
}

function Configuration({ url, server, secret }: { url: string; server: string; secret?: string }) {
  const all = snippets(url, server);
  return (
    <>
      <Code
        label="MCP address"
        text={url}
        note={
          <>
            Clients send <code className="font-mono text-xs">Authorization: Bearer</code> and the key.
          </>
        }
      />
      <Code
        label="The key, for a shell"
        text={exportLine(secret ?? "gwo_…")}
        note={
          secret
            ? "What is below reads it from there."
            : `Put the key in the place of gwo_…: its secret is not kept here. What is below reads ${VARIABLE}.`
        }
      />
      <Tabs defaultValue={all[0]?.id}>
        <TabsList className="overflow-x-auto !px-0">
          {all.map(({ id, client }) => (
            <TabsTrigger key={id} value={id} className="shrink-0">
              {client}
            </TabsTrigger>
          ))}
        </TabsList>
        {all.map((one) => (
          <TabsContent key={one.id} value={one.id} className="pt-3">
            <SnippetText snippet={one} />
          </TabsContent>
        ))}
      </Tabs>
    </>
  );
}

function SnippetText({ snippet }: { snippet: Snippet }) {
  return (
    <Code label={`Configuration for ${snippet.client}`} text={snippet.text} note={snippet.where} quiet />
  );
}

function Code({
  label,
  text,
  note,
  quiet,
}: {
  label: string;
  text: string;
  note: ReactNode;
  quiet?: boolean;
}) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {!quiet && <p className="text-sm font-medium">{label}</p>}
      <div className="relative">
        <pre
          // Scrolls, so the keyboard must reach it.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          role="region"
          aria-label={label}
          className="overflow-x-auto rounded-lg border bg-canvas p-3 pr-11 font-mono text-xs leading-5"
        >
          {text}
        </pre>
        <CopyButton text={text} label={`Copy: ${label}`} className="absolute top-2 right-2 bg-canvas" />
      </div>
      <p className="text-sm text-ink-3">{note}</p>
    </div>
  );
}
