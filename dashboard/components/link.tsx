import NextLink from "next/link";
import type { ComponentProps } from "react";

/** Of a link within text or facts. */
export const linkClass = "text-accent underline underline-offset-2";

/** A link within the dashboard. Nothing is fetched ahead: the export has no files for that (scripts/finish-export.mjs). */
export function Link(props: Omit<ComponentProps<typeof NextLink>, "prefetch">) {
  return <NextLink prefetch={false} {...props} />;
}
