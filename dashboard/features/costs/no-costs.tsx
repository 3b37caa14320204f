import { CircleDollarSign } from "lucide-react";
import { Notice } from "@/components/states/notice";

/** Where nothing was charged. */
export function NoCosts() {
  return (
    <Notice small icon={CircleDollarSign} title="Nothing was charged in this range of time">
      <p>Choose a longer one above. What a call costs is told by the prices of its server.</p>
    </Notice>
  );
}
