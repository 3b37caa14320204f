"use client";

import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useState, type ReactNode } from "react";
import { Failed, Unreachable } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError } from "@/lib/api/problem";
import { recall, remember } from "@/lib/remembered";
import { useAccountTheme } from "@/lib/session/account-theme";
import { meQuery } from "@/lib/session/session";
import { CommandPalette } from "./command-palette";
import { ConnectionBanner } from "./connection-banner";
import { Logo } from "./logo";
import { Sidebar } from "./sidebar";
import { TopBar } from "./top-bar";

/** The frame of every page for whoever is signed in. */
export function Console({ children }: { children: ReactNode }) {
  return (
    // What is in the URL is known in the browser only.
    <Suspense fallback={<Splash />}>
      <SignedIn>{children}</SignedIn>
    </Suspense>
  );
}

function SignedIn({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  if (me.data) return <Frame>{children}</Frame>;
  if (!me.error) return <Splash />;
  // Whoever is not signed in is on the way to the sign-in.
  if (asApiError(me.error).status === 401) return <Splash />;
  return (
    <main className="flex h-dvh flex-col items-center justify-center">
      <title>GatewayOps</title>
      <h1 className="sr-only">GatewayOps</h1>
      {asApiError(me.error).isUnreachable ? (
        <Unreachable />
      ) : (
        <Failed what="Your account" error={me.error} onRetry={() => void me.refetch()} />
      )}
    </main>
  );
}

function Frame({ children }: { children: ReactNode }) {
  useAccountTheme();
  const [folded, setFolded] = useState(() => recall("sidebar.folded", false));
  const [menuOpen, setMenuOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setPaletteOpen((open) => !open);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  function fold(next: boolean) {
    setFolded(next);
    remember("sidebar.folded", next);
  }

  return (
    <div className="flex h-dvh">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-ink px-3 py-1.5 text-canvas focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Sidebar folded={folded} onFold={fold} open={menuOpen} onOpenChange={setMenuOpen} />
      <div className="flex min-w-0 grow flex-col">
        <TopBar onMenu={() => setMenuOpen(true)} onSearch={() => setPaletteOpen(true)} />
        <ConnectionBanner />
        <main id="content" tabIndex={-1} className="min-h-0 grow overflow-y-auto outline-none">
          {children}
        </main>
      </div>
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
    </div>
  );
}

function Splash() {
  return (
    <div className="flex h-dvh" role="status" aria-label="Loading">
      <title>GatewayOps</title>
      <div className="hidden w-56 border-r bg-surface p-4 md:block">
        <Logo />
        <div className="mt-8 flex flex-col gap-3">
          <Skeleton className="h-5 w-28" />
          <Skeleton className="h-5 w-20" />
        </div>
      </div>
      <div className="grow">
        <div className="h-13 border-b bg-surface" />
        <div className="flex flex-col gap-4 p-6">
          <Skeleton className="h-7 w-40" />
          <Skeleton className="h-28 w-full" />
          <Skeleton className="h-72 w-full" />
        </div>
      </div>
    </div>
  );
}
