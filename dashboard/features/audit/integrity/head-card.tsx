"use client";

import { useQuery } from "@tanstack/react-query";
import { Signature } from "lucide-react";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Facts, Mono } from "@/components/ui/facts";
import { Skeleton } from "@/components/ui/skeleton";
import { headQuery, type SignedHead } from "@/features/audit/api";
import { asApiError } from "@/lib/api/problem";
import { count } from "@/lib/number";
import { exactTime } from "@/lib/time/time";

/** Kept elsewhere, it proves the rows up to it even to whoever can no longer trust this database. */
export function HeadCard() {
  const head = useQuery(headQuery);
  return (
    <Card
      title="Newest signed head"
      description="Keep it elsewhere: it proves every row up to it"
      actions={
        head.data && (
          <span className="flex items-center gap-2">
            <CopyButton text={JSON.stringify(head.data)} label="Copy the head as JSON" />
            <a
              href="/v1/audit-logs/head"
              download="audit-head.json"
              className={buttonClass({ size: "small" })}
            >
              Download
            </a>
          </span>
        )
      }
    >
      {head.data ? (
        <Head head={head.data} />
      ) : !head.error ? (
        <Skeleton className="h-40" />
      ) : asApiError(head.error).isMissing ? (
        <Notice small icon={Signature} title="Nothing is signed yet">
          <p>The control plane signs the head of the log every so often.</p>
        </Notice>
      ) : (
        <Failed small what="The signed head" error={head.error} onRetry={() => void head.refetch()} />
      )}
    </Card>
  );
}

function Head({ head }: { head: SignedHead }) {
  return (
    <>
      <Facts
        facts={[
          { name: "Row", value: count(head.seq) },
          { name: "Signed", value: exactTime(head.signed_at) },
          { name: "Hash", value: <Mono>{head.hash}</Mono>, copy: head.hash },
          { name: "Signature", value: <Mono>{head.signature}</Mono>, copy: head.signature },
          { name: "Key", value: <Mono>{head.key_id}</Mono>, copy: head.key_id },
        ]}
      />
      <p className="mt-3 text-sm text-ink-2">
        To check an export against it, on any machine:{" "}
        <code className="font-mono text-xs break-words">control-plane audit verify EXPORT --head FILE</code>
      </p>
    </>
  );
}
