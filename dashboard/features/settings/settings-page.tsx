"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { cn } from "@/lib/cn";
import { intoView } from "@/lib/into-view";
import { may } from "@/lib/permission/permission";
import { useMe } from "@/lib/session/session";
import { SECTIONS } from "./sections";

interface Props {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the settings: beside it the list of all that the person may see. */
export function SettingsPage({ title, description, actions, children }: Props) {
  const path = usePathname();
  const { permissions: grants } = useMe();
  const needed = SECTIONS.find((section) => section.path === path)?.permissions ?? ["settings:read"];
  // The one that is held, or the first, for the page to name it.
  const permission = needed.find((one) => may(grants, one)) ?? needed[0];
  return (
    <Page title={title} description={description} actions={actions} permission={permission}>
      <div className="flex min-w-0 flex-col gap-5 lg:flex-row lg:gap-8">
        <SectionList current={path} grants={grants} />
        <div className="flex w-full max-w-5xl min-w-0 grow flex-col gap-5">{children}</div>
      </div>
    </Page>
  );
}

function SectionList({ current, grants }: { current: string; grants: readonly string[] }) {
  const shown = SECTIONS.filter(({ permissions }) => permissions.some((one) => may(grants, one)));
  return (
    <nav aria-label="Settings" className="-mx-4 shrink-0 overflow-x-auto px-4 py-1 lg:mx-0 lg:w-44 lg:px-0">
      <ul className="flex gap-0.5 lg:flex-col">
        {shown.map(({ path, name }) => (
          <li key={path}>
            <Link
              ref={path === current ? intoView : undefined}
              href={path}
              aria-current={path === current ? "page" : undefined}
              className={cn(
                "flex h-8 items-center rounded-md px-2.5 text-sm whitespace-nowrap",
                path === current
                  ? "bg-sunken font-medium text-ink"
                  : "text-ink-2 hover:bg-sunken hover:text-ink",
              )}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
