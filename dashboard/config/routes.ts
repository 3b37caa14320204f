// The one table of pages: what stands in the navigation and in the command palette, and what one must hold to see it.
// A page is listed once it exists.
import {
  BellRing,
  CircleDollarSign,
  FlaskConical,
  KeyRound,
  LayoutDashboard,
  ListTree,
  ScrollText,
  Server,
  Settings,
  ShieldAlert,
  UserCheck,
  Users,
  Wallet,
  Wrench,
  type LucideIcon,
} from "lucide-react";
import { may } from "@/lib/permission/permission";

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
      {
        path: "/costs",
        name: "Costs",
        icon: CircleDollarSign,
        permission: "costs:read",
        keywords: "money spend dollars tokens bill chargeback",
      },
      {
        path: "/budgets",
        name: "Budgets",
        icon: Wallet,
        permission: "budgets:read",
        keywords: "money limit spend projection override",
      },
      {
        path: "/alerts",
        name: "Alerts",
        icon: BellRing,
        permission: "alerts:read",
        keywords: "rules channels silences notifications slack pagerduty incident",
      },
    ],
  },
  {
    name: "Connect",
    routes: [
      {
        path: "/servers",
        name: "Servers",
        icon: Server,
        permission: "servers:read",
        keywords: "mcp upstream register health credentials prices",
      },
      {
        path: "/tools",
        name: "Tools",
        icon: Wrench,
        permission: "servers:read",
        keywords: "catalogue drift review approve block schema classification permissions",
      },
      {
        path: "/playground",
        name: "Playground",
        icon: FlaskConical,
        permission: "mcp:call",
        keywords: "try call test tool",
      },
    ],
  },
  {
    name: "Access",
    routes: [
      {
        path: "/keys",
        name: "API keys",
        icon: KeyRound,
        permission: "keys:read",
        keywords: "tokens secrets connect claude cursor vscode sdk rotate",
      },
      {
        path: "/team",
        name: "Team",
        icon: Users,
        permission: "users:read",
        keywords: "people users invites roles permissions rbac access who",
      },
    ],
  },
  {
    name: "Protect",
    routes: [
      {
        path: "/approvals",
        name: "Approvals",
        icon: UserCheck,
        permission: "approvals:read",
        keywords: "inbox review approve deny pending waiting",
      },
      {
        path: "/safety",
        name: "Safety",
        icon: ShieldAlert,
        permission: "policies:read",
        keywords: "policies detections injection secrets pii patterns",
      },
      {
        path: "/audit",
        name: "Audit",
        icon: ScrollText,
        permission: "audit:read",
        keywords: "log history who changed verify chain compliance",
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

/** Where somebody begins who may see no overview. */
export function firstRoute(grants: readonly string[]): Route | undefined {
  return ROUTES.find((route) => may(grants, route.permission));
}

/** Pages that belong to one of the table: which entry is the current one there. */
const BELONGS: Record<string, string> = {
  "/trace": "/traces",
  "/budget": "/budgets",
  "/alert-rule": "/alerts",
  "/server": "/servers",
  "/new-server": "/servers",
  "/tool": "/tools",
  "/tool-permission": "/tools",
  "/key": "/keys",
  "/new-key": "/keys",
  "/user": "/team",
  "/team-members": "/team",
  "/role": "/team",
  "/safety-policy": "/safety",
  "/detection": "/safety",
  "/audit-entry": "/audit",
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
