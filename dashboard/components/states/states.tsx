"use client";

import { CircleAlert, LockKeyhole, PlugZap, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { asApiError } from "@/lib/api/problem";
import { Notice } from "./notice";

interface FailedProps {
  /** What could not be had: “The traces”. */
  what: string;
  error: unknown;
  onRetry?: () => void;
  small?: boolean;
}

/** What failed, by which request, and another try. What is away comes back by itself. */
export function Failed({ what, error, onRetry, small }: FailedProps) {
  const problem = asApiError(error);
  if (problem.isUnreachable) return <Unreachable small={small} />;
  if (problem.code === "permission_denied")
    return <Forbidden small={small} permission={permissionOf(problem.details)} />;
  if (problem.isMissing) return <Missing what={what} small={small} />;
  return (
    <Notice
      role="alert"
      icon={CircleAlert}
      small={small}
      title={`${what} could not be loaded`}
      actions={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      <p>{problem.message}</p>
      <RequestId id={problem.requestId} />
    </Notice>
  );
}

export function RequestId({ id }: { id: string | null }) {
  if (!id) return null;
  return (
    <p className="mt-2 inline-flex flex-wrap items-center justify-center gap-x-1 text-xs text-ink-3">
      Request <span className="font-mono break-all">{id}</span>
      <CopyButton text={id} label="Copy the request's id" />
    </p>
  );
}

interface ForbiddenProps {
  permission?: string | null;
  small?: boolean;
  /** Where to go instead. */
  actions?: ReactNode;
}

export function Forbidden({ permission, small, actions }: ForbiddenProps) {
  return (
    <Notice icon={LockKeyhole} small={small} title="You may not see this" actions={actions}>
      {permission ? (
        <p>
          It needs the permission <code className="font-mono text-xs">{permission}</code>. Ask an
          administrator of your organization.
        </p>
      ) : (
        <p>Ask an administrator of your organization.</p>
      )}
    </Notice>
  );
}

function Missing({ what, small }: { what: string; small?: boolean }) {
  return (
    <Notice icon={SearchX} small={small} title={`${what} cannot be found`}>
      <p>It may be gone, or it may be something you may not see.</p>
    </Notice>
  );
}

export function Unreachable({ small, children }: { small?: boolean; children?: ReactNode }) {
  return (
    <Notice role="status" icon={PlugZap} small={small} title="The control plane does not answer">
      {children ?? (
        <p>Calls through the gateway go on meanwhile. This page goes on by itself once it is back.</p>
      )}
    </Notice>
  );
}

function permissionOf(details: Record<string, unknown>): string | null {
  return typeof details.permission === "string" ? details.permission : null;
}
