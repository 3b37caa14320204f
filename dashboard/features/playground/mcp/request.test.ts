import { expect, it } from "vitest";
import { callBody, callHeaders, headerValue, newTrace } from "./request";

it("keeps arguments as they were written", () => {
  const body = callBody("1", 'a"b', '{"n":12345678901234567890.10}');
  expect(body).toContain('"arguments":{"n":12345678901234567890.10}');
  expect(JSON.parse(body)).toMatchObject({ id: "1", method: "tools/call", params: { name: 'a"b' } });
});

it("says in headers what the body says", () => {
  const schema = {
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      deep: { type: "object", properties: { dry: { type: "boolean", "x-mcp-header": "Dry" } } },
      none: { type: "string", "x-mcp-header": "None" },
    },
  };
  const headers = callHeaders("tool", schema, { region: "Köln", deep: { dry: true }, none: null });
  expect(headers).toMatchObject({ "Mcp-Name": "tool", "Mcp-Param-Dry": "true" });
  expect(headers["Mcp-Param-Region"]).toBe("=?base64?S8O2bG4=?=");
  expect(headers).not.toHaveProperty("Mcp-Param-None");
});

it("encodes what is no plain value", () => {
  expect(headerValue("a b")).toBe("a b");
  expect(headerValue(" a")).toBe("=?base64?IGE=?=");
  expect(headerValue("=?base64?x?=")).toMatch(/^=\?base64\?PT9/);
});

it("makes traces of the form that others know", () => {
  const { id, traceparent } = newTrace();
  expect(traceparent).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
});
