"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { MailPlus } from "lucide-react";
import { useState } from "react";
import { More } from "@/components/data-table/more";
import { PlainTable } from "@/components/data-table/plain-table";
import { SecretOnce } from "@/components/secret-once";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { accessChanged, invitesQuery, type IssuedInvite } from "@/features/team/api";
import { InviteForm } from "./invite-form";
import { InviteRow } from "./invite-row";

const STATUSES = [
  { value: "pending", name: "Pending" },
  { value: "accepted", name: "Accepted" },
  { value: "expired", name: "Expired" },
  { value: "revoked", name: "Revoked" },
];

const FILTERS = ["status"] as const;

export function InvitesTab() {
  const client = useQueryClient();
  const { parameters, change } = useUrl();
  const mayInvite = useMay("users:admin");
  const list = useListState(FILTERS, "-created_at");
  const { status } = list.filters;
  const invites = useInfiniteQuery(invitesQuery(status));
  const rows = invites.data?.pages.flatMap((page) => page.invites);
  const [issued, setIssued] = useState<IssuedInvite | null>(null);
  const show = (next: IssuedInvite) => {
    setIssued(next);
    void accessChanged(client);
  };
  return (
    <>
      {issued && <Link issued={issued} onDone={() => setIssued(null)} />}
      <FilterRow list={list}>
        <ChoiceFilter
          name="Status"
          value={status}
          options={STATUSES}
          onChange={(next) => list.setFilters({ status: next })}
        />
      </FilterRow>
      <div className="-m-1 min-h-0 overflow-y-auto p-1">
        <Card flush>
          {invites.error && !rows ? (
            <Failed small what="The invites" error={invites.error} onRetry={() => void invites.refetch()} />
          ) : !rows ? (
            <Skeleton className="m-4 h-32" />
          ) : rows.length === 0 ? (
            <Notice
              small
              icon={MailPlus}
              title={status ? "No invite is like that" : "Nobody was invited yet"}
            >
              {mayInvite && <p>Invite somebody by their e-mail address: the button is above.</p>}
            </Notice>
          ) : (
            <PlainTable
              label="Invites"
              columns={[
                { name: "E-mail address" },
                { name: "Role", className: "w-28 max-sm:hidden" },
                { name: "Status", className: "w-26 max-sm:hidden" },
                { name: "Invited by", className: "w-36 max-lg:hidden" },
                { name: "Expires", className: "w-28 max-md:hidden" },
                { name: "Actions", className: "w-48 max-sm:w-28", quiet: true },
              ]}
            >
              {rows.map((invite) => (
                <InviteRow key={invite.id} invite={invite} onIssued={show} />
              ))}
            </PlainTable>
          )}
          <More query={invites} />
        </Card>
      </div>
      <Dialog
        open={mayInvite && parameters.get("new") === "invite"}
        onOpenChange={(open) => change({ new: open ? "invite" : null })}
        title="Invite somebody"
        description="They join with the role you choose. The link is good for seven days."
      >
        <InviteForm
          onCancel={() => change({ new: null })}
          onIssued={(next) => {
            change({ new: null });
            show(next);
          }}
        />
      </Dialog>
    </>
  );
}

function Link({ issued, onDone }: { issued: IssuedInvite; onDone: () => void }) {
  return (
    <SecretOnce
      title={`The link for ${issued.email}`}
      text={issued.accept_url}
      what="the link"
      onDone={onDone}
    >
      <p>
        {issued.mailed ? "It was mailed to them too. " : "It was not mailed: send it to them yourself. "}
        Whoever has it can join as {issued.role}. It is shown this once, and ends{" "}
        <RelativeTime at={issued.expires_at} />.
      </p>
    </SecretOnce>
  );
}
