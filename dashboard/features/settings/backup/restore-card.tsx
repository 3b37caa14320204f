import { Card } from "@/components/ui/card";
import { JsonBlock } from "@/components/ui/json-block";
import { restoreCommand } from "./restore-command";

/** A backup is restored where the database is, not in a browser: this is how. */
export function RestoreCard({ name }: { name: string | null }) {
  return (
    <Card
      title="How to restore"
      description="Into an empty database, by a command where the control plane runs"
    >
      <div className="flex flex-col gap-3 text-sm text-ink-2">
        <p>
          Stop the control plane, point <code className="font-mono text-xs">DATABASE_URL</code> at an empty
          database, and run this with the same <code className="font-mono text-xs">BACKUP_URL</code>:
        </p>
        <JsonBlock label="Command to restore" value={restoreCommand(name)} />
        <ul className="list-disc space-y-1 pl-5">
          <li>
            <code className="font-mono text-xs">ENCRYPTION_KEY</code> and{" "}
            <code className="font-mono text-xs">JWT_SECRET</code> are not in a backup. Keep them elsewhere:
            without the first no credential in it can be opened.
          </li>
          <li>The counters of Redis are not in it either; limits count anew.</li>
          <li>The PostgreSQL client must be there, and be no older than the server.</li>
          <li>Nothing removes old backups: let the bucket or the directory do so.</li>
        </ul>
      </div>
    </Card>
  );
}
