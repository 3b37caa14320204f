"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { Can } from "@/components/can";
import { Name } from "@/components/names/name";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { RelativeTime } from "@/components/ui/time";
import { toastProblem } from "@/components/ui/toast";
import {
  accessChanged,
  resendInvite,
  revokeInvite,
  type Invite,
  type IssuedInvite,
} from "@/features/team/api";

const TONES: Record<Invite["status"], Tone> = {
  pending: "accent",
  accepted: "ok",
  expired: "idle",
  revoked: "bad",
};

export function InviteRow({
  invite,
  onIssued,
}: {
  invite: Invite;
  onIssued: (issued: IssuedInvite) => void;
}) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [revokes, setRevokes] = useState(false);
  const { email, status } = invite;

  async function resend() {
    setBusy(true);
    try {
      onIssued(await resendInvite(invite));
    } catch (error) {
      toastProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <tr>
      <td className="truncate" title={email}>
        {email}
        <span className="block truncate text-xs text-ink-3 sm:hidden">
          {invite.role}, {status}
        </span>
      </td>
      <td className="truncate max-sm:hidden">{invite.role}</td>
      <td className="max-sm:hidden">
        <Badge tone={TONES[status]}>{status}</Badge>
      </td>
      <td className="truncate max-lg:hidden">
        {invite.invited_by ? <Name kind="user" id={invite.invited_by} /> : "–"}
      </td>
      <td className="text-ink-2 max-md:hidden">
        <RelativeTime at={invite.expires_at} />
      </td>
      <td>
        <Can permission="users:admin">
          <span className="flex flex-wrap justify-end gap-1.5">
            {(status === "pending" || status === "expired") && (
              <Button
                size="small"
                disabled={busy}
                aria-label={`New link for ${email}`}
                onClick={() => void resend()}
              >
                New link
              </Button>
            )}
            {status === "pending" && (
              <Button
                size="small"
                look="danger"
                aria-label={`Revoke the invite of ${email}`}
                onClick={() => setRevokes(true)}
              >
                Revoke
              </Button>
            )}
          </span>
        </Can>
        <ConfirmDialog
          open={revokes}
          onOpenChange={setRevokes}
          title={`Revoke the invite of ${email}?`}
          description="Its link no longer lets anybody in. You can invite them again."
          action="Revoke invite"
          onConfirm={async () => {
            await attempt(() => revokeInvite(invite), `The invite of ${email} is revoked`);
            await accessChanged(client);
          }}
        />
      </td>
    </tr>
  );
}
