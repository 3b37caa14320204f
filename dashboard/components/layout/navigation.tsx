"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { Link } from "@/components/link";
import { Tooltip } from "@/components/ui/tooltip";
import { currentRoute, ROUTE_GROUPS, type Route } from "@/config/routes";
import { cn } from "@/lib/cn";
import { may } from "@/lib/permission/permission";
import { useMe } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import { WaitingCount } from "./waiting-count";

interface Props {
  folded?: boolean;
  onNavigate?: () => void;
}

/** The pages that the person may see; the range of time goes along from one to the next. */
export function Navigation({ folded, onNavigate }: Props) {
  const { permissions } = useMe();
  const allowed = ROUTE_GROUPS.map((group) => ({
    ...group,
    routes: group.routes.filter((route) => may(permissions, route.permission)),
  })).filter((group) => group.routes.length > 0);
  return (
    <nav aria-label="Pages" className="flex flex-col gap-4 overflow-y-auto px-3 py-2">
      {allowed.map(({ name, routes }) => (
        <div key={name}>
          <p className={cn("px-2 pb-1 text-xs text-ink-3", folded && "sr-only")}>{name}</p>
          <ul className="flex flex-col gap-0.5">
            {routes.map((route) => (
              <li key={route.path}>
                <Entry route={route} folded={folded} onNavigate={onNavigate} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Entry({ route, folded, onNavigate }: { route: Route } & Props) {
  const current = currentRoute(usePathname()) === route;
  const href = carryRange(route.path, useSearchParams());
  const Icon = route.icon;
  const link = (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={current ? "page" : undefined}
      className={cn(
        "relative flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors",
        current ? "bg-sunken font-medium text-ink" : "text-ink-2 hover:bg-sunken hover:text-ink",
      )}
    >
      <Icon aria-hidden className={cn("size-4 shrink-0", current ? "text-accent" : "text-ink-3")} />
      <span className={cn("truncate", folded && "sr-only")}>{route.name}</span>
      <WaitingCount path={route.path} folded={folded} />
    </Link>
  );
  if (!folded) return link;
  return (
    <Tooltip text={route.name} side="right">
      {link}
    </Tooltip>
  );
}
