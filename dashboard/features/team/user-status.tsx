import { CircleCheck, CirclePause } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { User } from "./api";

export function UserStatus({ status }: { status: User["status"] }) {
  if (status !== "suspended") {
    return (
      <Badge tone="ok">
        <CircleCheck aria-hidden />
        Active
      </Badge>
    );
  }
  return (
    <Badge tone="warn">
      <CirclePause aria-hidden />
      Suspended
    </Badge>
  );
}
