import type { Me } from "@/lib/session/session";
import { shortId } from "@/lib/short-id";
import type { Approval } from "./api";

type Asked = Pick<Approval, "requester" | "api_key_name" | "requested_by" | "api_key_id">;

/** Who asks, for people: an address, with the key where one was used. */
export function requesterOf({ requester, api_key_name, requested_by, api_key_id }: Asked): string {
  if (requester && api_key_name) return `${requester} (key ${api_key_name})`;
  if (requester) return requester;
  if (api_key_name) return `The key ${api_key_name}`;
  // Gone meanwhile: then what is left is the id.
  const id = requested_by ?? api_key_id;
  return id ? shortId(id) : "Somebody who is not here any more";
}

/** Whether it is the reader's own request, which they may take back and, as a rule, not decide. */
export function isOwn(approval: Pick<Approval, "requested_by">, me: Pick<Me, "user">): boolean {
  return me.user !== null && approval.requested_by === me.user.id;
}
