import { expect, it } from "vitest";
import type { Provider } from "./api";
import { endsSessions, NEW_PROVIDER, providerValues } from "./provider-values";

it("takes of a provider what can be changed, and no secret", () => {
  const provider = {
    ...NEW_PROVIDER,
    id: "1",
    client_secret_set: true,
    claim_mappings: { email: "mail", name: "name", groups: "groups", picture: "picture" },
    version: 3,
  } as unknown as Provider;
  const values = providerValues(provider);
  expect(values).toMatchObject({ client_secret: null, "claim_mappings.email": "mail" });
  expect(Object.keys(values).sort()).toEqual(Object.keys(NEW_PROVIDER).sort());
});

it("knows which changes end sessions", () => {
  expect(endsSessions({ enabled: false })).toBe(true);
  expect(endsSessions({ issuer_url: "https://id.example.com" })).toBe(true);
  expect(endsSessions({ enabled: true, name: "x" })).toBe(false);
});
