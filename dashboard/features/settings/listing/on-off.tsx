import { CircleCheck, CircleSlash } from "lucide-react";
import { Badge } from "@/components/ui/badge";

export function OnOff({ on }: { on: boolean }) {
  return on ? (
    <Badge tone="ok">
      <CircleCheck aria-hidden />
      On
    </Badge>
  ) : (
    <Badge>
      <CircleSlash aria-hidden />
      Off
    </Badge>
  );
}
