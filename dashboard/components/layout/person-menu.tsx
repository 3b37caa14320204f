"use client";

import { LogOut, UserRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { toastProblem } from "@/components/ui/toast";
import { signOut, useMe } from "@/lib/session/session";
import { initials } from "./initials";
import { ThemeChoices } from "./theme-menu";

export function PersonMenu() {
  const router = useRouter();
  const { user, roles, organization } = useMe();
  const name = user?.name || user?.email || "API key";
  const held = [...new Set(roles.map((role) => role.name))].join(", ");
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button look="quiet" size="icon" className="!rounded-full">
          <span className="flex size-7 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent">
            {initials(name)}
          </span>
          <span className="sr-only">, your account: {name}</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-64">
        <div className="px-2 pt-1.5 pb-1 text-sm">
          <p className="truncate font-medium">{name}</p>
          {user && user.name && <p className="truncate text-ink-2">{user.email}</p>}
          <p className="truncate text-xs text-ink-3">
            {organization.name}
            {held && ` · ${held}`}
          </p>
        </div>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Theme</DropdownMenuLabel>
        <ThemeChoices />
        <DropdownMenuSeparator />
        {user && (
          <DropdownMenuItem onSelect={() => router.push("/account")}>
            <UserRound aria-hidden />
            Your account
          </DropdownMenuItem>
        )}
        <DropdownMenuItem onSelect={() => void signOut().catch(toastProblem)}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
