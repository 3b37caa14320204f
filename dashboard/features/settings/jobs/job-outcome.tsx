import { Refusal } from "@/components/layout/entrance";
import { JsonBlock } from "@/components/ui/json-block";
import type { Job } from "./api";

/** What came of it, or why nothing did. */
export function JobOutcome({ job }: { job: Job }) {
  if (job.error) return <Refusal>{job.error}</Refusal>;
  if (!job.result) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-3">Result</h3>
      <JsonBlock label="Result" value={job.result} />
    </section>
  );
}
