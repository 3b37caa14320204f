"use client";

import { UsersRound } from "lucide-react";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { useMay } from "@/lib/session/session";
import type { User } from "@/features/team/api";
import { teamHref } from "@/features/team/hrefs";

export function UserTeamsCard({ user }: { user: User }) {
  const mayRead = useMay("teams:read");
  return (
    <Card flush title="Teams" description="Members are added and taken out on the team’s page">
      {user.teams.length === 0 ? (
        <Notice small icon={UsersRound} title="In no team" />
      ) : (
        <ul className="divide-y border-t">
          {user.teams.map((team) => (
            <li key={team.id} className="flex items-center gap-3 px-4 py-2 text-sm sm:px-5">
              {mayRead ? (
                <Link href={teamHref(team.id)} className="min-w-0 grow truncate font-medium hover:underline">
                  {team.name}
                </Link>
              ) : (
                <span className="min-w-0 grow truncate font-medium">{team.name}</span>
              )}
              <span className="text-ink-2">{team.role === "lead" ? "Lead" : "Member"}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
