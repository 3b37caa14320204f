import { ShieldAlert, ShieldCheck } from "lucide-react";
import { Link, linkClass } from "@/components/link";
import { TONES } from "@/components/ui/badge";
import { Facts, Mono } from "@/components/ui/facts";
import type { Verification } from "@/features/audit/api";
import { entryHref } from "@/features/audit/entry-href";
import { cn } from "@/lib/cn";
import { inWords } from "@/lib/in-words";
import { count, plural } from "@/lib/number";
import { exactTime } from "@/lib/time/time";

export function VerifyResult({ verification }: { verification: Verification }) {
  const { valid, checked, findings, findings_total: total, signed_head: signed } = verification;
  const Icon = valid ? ShieldCheck : ShieldAlert;
  return (
    <div className="mt-5 flex flex-col gap-4">
      <p
        className={cn("flex items-start gap-2.5 rounded-lg px-3 py-2.5 text-sm", TONES[valid ? "ok" : "bad"])}
      >
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span>
          {valid
            ? `The chain is whole: ${plural(checked, "row")} as written.`
            : `The log is not what was written: ${plural(total, "finding")}.`}
        </span>
      </p>
      <Facts
        facts={[
          { name: "Rows checked", value: count(checked) },
          {
            name: "First row",
            value: verification.first_seq !== null ? count(verification.first_seq) : "None",
          },
          { name: "Last row", value: verification.last_seq !== null ? count(verification.last_seq) : "None" },
          {
            name: "Broken at row",
            value: verification.broken_at_seq !== null ? count(verification.broken_at_seq) : null,
          },
          {
            name: "Signed up to row",
            value: signed
              ? `${count(signed.seq)}, ${exactTime(signed.signed_at)}`
              : "No signature among these",
          },
          {
            name: "Head's hash",
            value: verification.head_hash && <Mono>{verification.head_hash}</Mono>,
            copy: verification.head_hash,
          },
          { name: "Verified", value: exactTime(verification.verified_at) },
        ]}
      />
      {findings.length > 0 && <Findings verification={verification} />}
    </div>
  );
}

function Findings({ verification: { findings, findings_total: total } }: { verification: Verification }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-3">
        {total > findings.length ? `The first ${count(findings.length)} of ${count(total)}` : "What is wrong"}
      </h3>
      <ul className="max-h-96 divide-y overflow-y-auto rounded-lg border text-sm">
        {findings.map(({ seq, id, reason, message }, at) => (
          <li key={at} className="px-3 py-2">
            <p>
              {id ? (
                <Link href={entryHref({ id })} className={cn("font-medium", linkClass)}>
                  Row {count(seq)}
                </Link>
              ) : (
                <span className="font-medium">Row {count(seq)}</span>
              )}
              <span className="text-ink-2">, {inWords(reason).toLowerCase()}</span>
            </p>
            <p className="break-words text-ink-2">{message}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
