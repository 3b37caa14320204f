import { Ban, CircleCheck, Clock } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Permission } from "./api";

interface Props {
  permission: Pick<Permission, "effect" | "expires_at">;
  now: number;
}

/** What a permission does; one that has ended does nothing. */
export function Effect({ permission: { effect, expires_at }, now }: Props) {
  if (expires_at !== null && Date.parse(expires_at) <= now) {
    return (
      <Badge tone="idle">
        <Clock aria-hidden />
        Ended
      </Badge>
    );
  }
  const denies = effect === "deny";
  return (
    <Badge tone={denies ? "block" : "ok"}>
      {denies ? <Ban aria-hidden /> : <CircleCheck aria-hidden />}
      {denies ? "Denies" : "Allows"}
    </Badge>
  );
}
