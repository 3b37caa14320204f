import { SecretOnce } from "@/components/secret-once";
import { ClockTime } from "@/components/ui/time";

export interface IssuedSecret {
  /** The id of the webhook. */
  webhook: string;
  secret: string;
  /** How long the one before signs as well. */
  previousUntil?: string | null;
}

export function WebhookSecret({ issued, onDone }: { issued: IssuedSecret; onDone: () => void }) {
  const { secret, previousUntil } = issued;
  return (
    <SecretOnce title="Copy the webhook’s secret now" text={secret} what="the secret" onDone={onDone}>
      <p>
        It is shown this once. Give it to the receiver: it verifies by it that a message is ours.
        {previousUntil && (
          <>
            {" "}
            Until <ClockTime at={previousUntil} /> messages are signed by the one before as well.
          </>
        )}
      </p>
    </SecretOnce>
  );
}
