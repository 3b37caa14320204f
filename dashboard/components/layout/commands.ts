"use client";

import { CalendarDays, ListTree, LogOut, Monitor, Moon, Sun, UserRound, type LucideIcon } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { toastProblem } from "@/components/ui/toast";
import { ROUTES } from "@/config/routes";
import { may } from "@/lib/permission/permission";
import { signOut, useMe } from "@/lib/session/session";
import { chooseTheme } from "@/lib/theme";
import { carryRange, PERIODS, type Period } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";

export interface Command {
  id: string;
  name: string;
  kind: "Page" | "Range of time" | "Action" | "Trace";
  icon: LucideIcon;
  keywords?: string;
  run: () => void;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

/** Everything the person may go to or do; a trace's id leads to it. */
export function useCommands(text: string): Command[] {
  const { permissions } = useMe();
  const router = useRouter();
  const parameters = useSearchParams();
  const [, setRange] = useTimeRange();
  const id = text.trim().toLowerCase();

  const trace: Command[] =
    TRACE_ID.test(id) && may(permissions, "traces:read")
      ? [{ id: "trace", name: id, kind: "Trace", icon: ListTree, run: () => router.push(`/trace?id=${id}`) }]
      : [];
  const pages = ROUTES.filter((route) => may(permissions, route.permission)).map(
    ({ path, name, icon, keywords }): Command => ({
      id: `page-${path}`,
      name,
      kind: "Page",
      icon,
      keywords,
      run: () => router.push(carryRange(path, parameters)),
    }),
  );
  const ranges = (Object.keys(PERIODS) as Period[]).map((period): Command => ({
    id: `range-${period}`,
    name: PERIODS[period],
    kind: "Range of time",
    icon: CalendarDays,
    run: () => setRange({ period }),
  }));
  const actions: Command[] = [
    { id: "light", name: "Light theme", kind: "Action", icon: Sun, run: () => chooseTheme("light") },
    { id: "dark", name: "Dark theme", kind: "Action", icon: Moon, run: () => chooseTheme("dark") },
    {
      id: "system",
      name: "Theme as the system",
      kind: "Action",
      icon: Monitor,
      run: () => chooseTheme("system"),
    },
    {
      id: "sign-out",
      name: "Sign out",
      kind: "Action",
      icon: LogOut,
      keywords: "log out leave",
      run: () => void signOut().catch(toastProblem),
    },
  ];
  const account: Command = {
    id: "account",
    name: "Your account",
    kind: "Page",
    icon: UserRound,
    keywords: "profile name password sessions preferences",
    run: () => router.push("/account"),
  };
  return [...trace, ...pages, account, ...ranges, ...actions];
}

/** Those with all the words of the text somewhere in them; names that begin with it come first. */
export function matching(commands: Command[], text: string): Command[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  const hits = commands.filter(({ name, keywords = "", kind }) => {
    const all = `${name} ${keywords} ${kind}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = (command: Command) => (command.name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1);
  return hits.sort((a, b) => begins(a) - begins(b));
}
