import { CircleAlert, CircleCheck, Clock, LoaderCircle, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { percent } from "@/lib/number";
import { isUnfinished, type Job } from "./api";

const LOOKS: Record<string, { name: string; tone: Tone; icon: LucideIcon }> = {
  queued: { name: "Queued", tone: "idle", icon: Clock },
  running: { name: "Running", tone: "accent", icon: LoaderCircle },
  succeeded: { name: "Succeeded", tone: "ok", icon: CircleCheck },
  failed: { name: "Failed", tone: "bad", icon: CircleAlert },
};

export function JobStatus({ status }: { status: string }) {
  const { name, tone, icon: Icon } = LOOKS[status] ?? { name: status, tone: "idle", icon: Clock };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}

/** How far it is, while it is done. */
export function JobProgress({ job }: { job: Job }) {
  if (!isUnfinished(job)) return null;
  return (
    <div className="flex items-center gap-3">
      <progress
        aria-label="How far the job is"
        max={1}
        value={job.progress}
        className="h-2 grow overflow-hidden rounded-full bg-sunken accent-accent"
      />
      <span className="text-sm text-ink-2 tabular-nums">
        {job.status === "queued" ? "waits for those before it" : percent(job.progress)}
      </span>
    </div>
  );
}
