"use client";

import { Menu, Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { useMe } from "@/lib/session/session";
import { PersonMenu } from "./person-menu";
import { ThemeMenu } from "./theme-menu";
import { TimeRangePicker } from "./time-range-picker";

export function TopBar({ onMenu, onSearch }: { onMenu: () => void; onSearch: () => void }) {
  const { organization } = useMe();
  return (
    <header className="flex h-13 shrink-0 items-center gap-1.5 border-b bg-surface px-2 sm:gap-2 sm:px-4">
      <IconButton label="Open the menu" className="md:hidden" onClick={onMenu}>
        <Menu aria-hidden />
      </IconButton>
      <p className="min-w-0 grow truncate text-sm font-medium sm:grow-0" title={organization.name}>
        {organization.name}
      </p>
      <Button
        onClick={onSearch}
        aria-keyshortcuts="Meta+K Control+K"
        className="mx-auto w-full max-w-80 !justify-start !border-line !bg-canvas !font-normal text-ink-3 max-lg:hidden"
      >
        <Search aria-hidden />
        <span className="grow text-left">Go to or do …</span>
        <Kbd>⌘K</Kbd>
      </Button>
      <div className="ml-auto flex items-center gap-1 lg:ml-0">
        <IconButton label="Go to or do" className="lg:hidden" onClick={onSearch}>
          <Search aria-hidden />
        </IconButton>
        <TimeRangePicker />
        <ThemeMenu />
        <PersonMenu />
      </div>
    </header>
  );
}
