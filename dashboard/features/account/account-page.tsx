"use client";

import { SessionsCard } from "@/components/sessions/sessions-card";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { useMay, useMe } from "@/lib/session/session";
import { AccessCard } from "./access-card";
import { PasswordCard } from "./password-card";
import { PreferencesCard } from "./preferences-card";
import { ProfileCard } from "./profile-card";

/** The one who is signed in, for themselves. */
export function AccountPage() {
  const me = useMe();
  const mayHaveKeys = useMay("keys:read");
  const { user } = me;
  if (!user) return <Page title="Your account">{null}</Page>;
  return (
    <Page
      title="Your account"
      description={`${user.email} · ${me.organization.name}`}
      actions={
        mayHaveKeys && (
          <Link href={`/keys?user_id=${user.id}`} className={buttonClass()}>
            Your keys
          </Link>
        )
      }
    >
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <div className="flex flex-col gap-5">
          <ProfileCard user={user} />
          <PreferencesCard user={user} />
          <PasswordCard user={user} />
        </div>
        <div className="flex flex-col gap-5">
          <SessionsCard userId={user.id} name={user.name || user.email} />
          <AccessCard me={me} />
        </div>
      </div>
    </Page>
  );
}
