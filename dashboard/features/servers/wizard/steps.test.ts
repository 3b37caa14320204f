import { expect, it } from "vitest";
import { ApiError } from "@/lib/api/problem";
import { stepOf } from "./steps";

const refused = (field: string) =>
  new ApiError(400, "validation_error", "No.", null, { fields: [{ field, code: "format", message: "no" }] });

it("leads to where a field is", () => {
  expect(stepOf(refused("auth.token"))).toBe("credentials");
  expect(stepOf(refused("tls.ca_pem"))).toBe("credentials");
  expect(stepOf(refused("url"))).toBe("address");
  expect(stepOf(new ApiError(409, "conflict", "Taken.", null, { field: "name" }))).toBe("address");
  expect(stepOf(new ApiError(500, "internal_error", "Oh.", null))).toBeNull();
});
