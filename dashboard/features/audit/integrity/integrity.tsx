import { HeadCard } from "./head-card";
import { KeysCard } from "./keys-card";
import { VerifyCard } from "./verify-card";

/** That the log is what was written, and what proves it to others. */
export function Integrity() {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <VerifyCard />
      <div className="flex min-w-0 flex-col gap-5">
        <HeadCard />
        <KeysCard />
      </div>
    </div>
  );
}
