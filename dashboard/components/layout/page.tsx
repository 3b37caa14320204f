"use client";

import type { ReactNode } from "react";
import { Link } from "@/components/link";
import { Forbidden } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { firstRoute } from "@/config/routes";
import { cn } from "@/lib/cn";
import { useMe } from "@/lib/session/session";
import { may } from "@/lib/permission/permission";

interface Props {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** What one must hold to see anything here. */
  permission?: string;
  /** As high as the window, for pages whose content scrolls in itself. */
  fill?: boolean;
  children: ReactNode;
}

/** Every page of the console is in one of these. */
export function Page({ title, description, actions, permission, fill, children }: Props) {
  const me = useMe();
  const allowed = permission === undefined || may(me.permissions, permission);
  return (
    <div
      className={cn(
        "mx-auto flex w-full flex-col gap-5 p-4 sm:p-6",
        fill ? "h-full min-h-0 gap-4" : "max-w-[112rem]",
      )}
    >
      <title>{`${title} · GatewayOps`}</title>
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight text-balance break-words">{title}</h1>
          {description && <p className="mt-0.5 text-sm text-ink-2">{description}</p>}
        </div>
        {allowed && actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {allowed ? children : <Forbidden permission={permission} actions={<FirstPage />} />}
    </div>
  );
}

/** Whoever lands where they may see nothing is led to the first page on which they may. */
function FirstPage() {
  const { permissions } = useMe();
  const first = firstRoute(permissions);
  if (!first) return null;
  return (
    <Link href={first.path} className={buttonClass()}>
      Go to {first.name}
    </Link>
  );
}
