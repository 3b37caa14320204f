// The one table of pages: what stands in the navigation and in the command palette, and what one must hold to see it.
// A page is listed once it exists.
import { LayoutDashboard, ListTree, Settings, type LucideIcon } from "lucide-react";

export interface Route {
  path: string;
  name: string;
  icon: LucideIcon;
  permission: string;
  /** Further words that it is looked for by. */
  keywords?: string;
}

export interface RouteGroup {
  name: string;
  routes: Route[];
}

export const ROUTE_GROUPS: RouteGroup[] = [
  {
    name: "Observe",
    routes: [
      {
        path: "/",
        name: "Overview",
        icon: LayoutDashboard,
        permission: "traces:read",
        keywords: "home start metrics latency requests",
      },
      {
        path: "/traces",
        name: "Traces",
        icon: ListTree,
        permission: "traces:read",
        keywords: "calls requests spans live errors log",
      },
    ],
  },
  {
    name: "Organization",
    routes: [
      {
        path: "/settings/organization",
        name: "Settings",
        icon: Settings,
        permission: "settings:read",
        keywords:
          "organization limits rate tool policy approvals security ip allowlist sso single sign-on retention legal hold exporters webhooks jobs backup",
      },
    ],
  },
];

export const ROUTES: Route[] = ROUTE_GROUPS.flatMap((group) => group.routes);

/** Pages that belong to one of the table: which entry is the current one there. */
const BELONGS: Record<string, string> = {
  "/trace": "/traces",
  "/settings/limits": "/settings/organization",
  "/settings/tools": "/settings/organization",
  "/settings/security": "/settings/organization",
  "/settings/sso": "/settings/organization",
  "/settings/retention": "/settings/organization",
  "/settings/exporters": "/settings/organization",
  "/settings/webhooks": "/settings/organization",
  "/settings/jobs": "/settings/organization",
  "/settings/backup": "/settings/organization",
};

export function currentRoute(path: string): Route | undefined {
  const listed = BELONGS[path] ?? path;
  return ROUTES.find((route) => route.path === listed);
}

/** A page that may not exist yet: nothing links to what is not there. */
export function pathIfBuilt(path: string): string | null {
  return ROUTES.some((route) => route.path === path) ? path : null;
}
