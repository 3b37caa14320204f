import { expect, it } from "vitest";
import { authBody, EMPTY, listed, nameOfUrl, serverBody, tlsBody } from "./draft";

it("sends the fields of the chosen way alone", () => {
  const typed = { ...EMPTY.auth, token: "t", username: "u", password: "p", scopes: "a, b" };
  expect(authBody({ ...typed, type: "bearer" })).toMatchObject({
    type: "bearer",
    token: "t",
    username: null,
  });
  expect(authBody({ ...typed, type: "bearer" })).not.toHaveProperty("password");
  expect(authBody({ ...typed, type: "oauth_client_credentials" }).scopes).toEqual(["a", "b"]);
});

it("leaves a secret out that was not typed, so that a stored one stays", () => {
  expect(authBody({ ...EMPTY.auth, type: "basic", username: "u" })).not.toHaveProperty("password");
  expect(tlsBody({ ...EMPTY.tls, client_cert_pem: "c" })).not.toHaveProperty("client_key_pem");
  expect(tlsBody(EMPTY.tls).client_key_pem).toBeNull();
});

it("takes the spaces around what is typed away", () => {
  const body = serverBody({
    ...EMPTY,
    about: { ...EMPTY.about, name: " a ", url: " http://x ", tags: "a,,b, a" },
  });
  expect(body).toMatchObject({ name: "a", url: "http://x", tags: ["a", "b"], display_name: null });
  expect(listed("")).toEqual([]);
});

it("proposes a name", () => {
  expect(nameOfUrl("https://mcp.github.example/mcp")).toBe("github");
  expect(nameOfUrl("http://files:9000/mcp")).toBe("files");
  expect(nameOfUrl("http://10.0.0.1/")).toBe("");
  expect(nameOfUrl("nonsense")).toBe("");
});
