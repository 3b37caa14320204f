// Beside the usual: who may know whom. app → features → components, lib, config; features do not know each other.
import { readdirSync } from "node:fs";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const forbid = (...groups) => ({
  "no-restricted-imports": ["error", { patterns: groups.map(([group, message]) => ({ group, message })) }],
});
const UP = [["../*"], "say it from the root: @/…"];

const features = readdirSync("features").map((feature) => ({
  files: [`features/${feature}/**`],
  rules: forbid(
    UP,
    [["@/app/*"], "pages name features, not the other way round"],
    [
      ["@/features/*", `!@/features/${feature}`, `!@/features/${feature}/*`],
      "features do not know each other: what two need is a component, or is put together in app",
    ],
  ),
}));

export default tseslint.config(
  { ignores: [".next/", "out/", "lib/api/schema.ts", "next-env.d.ts"] },
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat["recommended-latest"],
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
    },
  },
  { files: ["scripts/**", "e2e/**", "*.config.*"], rules: { "no-console": "off" } },
  { files: ["**/*.{ts,tsx}"], rules: forbid(UP) },
  {
    files: ["components/**", "lib/**", "config/**"],
    rules: forbid(UP, [
      ["@/app/*", "@/features/*"],
      "components, lib and config know neither pages nor features",
    ]),
  },
  {
    files: ["lib/**", "config/**"],
    rules: forbid(UP, [
      ["@/app/*", "@/features/*", "@/components/*"],
      "lib and config know nothing that is drawn",
    ]),
  },
  ...features,
);
