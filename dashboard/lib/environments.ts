/** Where keys, and so calls, belong. */
export const ENVIRONMENTS = { dev: "Development", stg: "Staging", prd: "Production" } as const;

export type Environment = keyof typeof ENVIRONMENTS;

export const ENVIRONMENT_OPTIONS = Object.entries(ENVIRONMENTS).map(([value, name]) => ({ value, name }));
