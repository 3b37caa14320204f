// One `tools/call` as a request of MCP 2026-07-28, in which every request stands alone.
import { asSchema, isRecord, propertiesOf } from "@/lib/json-schema/json-schema";

export const PROTOCOL_VERSION = "2026-07-28";

const CLIENT = { name: "gatewayops-dashboard", version: "1" };

/** `argumentsJson` is put in as it was written: numbers keep all their digits. */
export function callBody(id: string, tool: string, argumentsJson: string): string {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const name = JSON.stringify(tool);
  const params = `{"name":${name},"arguments":${argumentsJson},"_meta":${JSON.stringify(meta)}}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":${params}}`;
}

export function callHeaders(tool: string, schema: unknown, args: unknown): Record<string, string> {
  return {
    Accept: "application/json, text/event-stream",
    "Content-Type": "application/json",
    "MCP-Protocol-Version": PROTOCOL_VERSION,
    "Mcp-Method": "tools/call",
    "Mcp-Name": headerValue(tool),
    ...parameterHeaders(schema, args),
  };
}

/** Arguments that the tool's schema wants as headers too (`x-mcp-header`). */
function parameterHeaders(schema: unknown, args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!isRecord(args)) return headers;
  for (const [name, property] of propertiesOf(asSchema(schema))) {
    const value = args[name];
    const header = property["x-mcp-header"];
    if (typeof header === "string" && ["string", "boolean", "number"].includes(typeof value))
      headers[`Mcp-Param-${header}`] = headerValue(String(value));
    Object.assign(headers, parameterHeaders(property, value));
  }
  return headers;
}

/** What is no plain header value is sent in base64, between marks. */
export function headerValue(text: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) || text === "";
  if (plain && !(text.startsWith("=?base64?") && text.endsWith("?="))) return text;
  const bytes = new TextEncoder().encode(text);
  return `=?base64?${btoa(String.fromCharCode(...bytes))}?=`;
}

/** A trace of our own, so that it is known even where no answer comes. */
export function newTrace(): { id: string; traceparent: string } {
  const hex = (bytes: number) =>
    [...crypto.getRandomValues(new Uint8Array(bytes))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  const id = hex(16);
  return { id, traceparent: `00-${id}-${hex(8)}-01` };
}
