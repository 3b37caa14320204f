import { inWords } from "@/lib/in-words";
import { shortId } from "@/lib/short-id";
import type { AuditLog } from "./api";

/** Who did it, for people. */
export function actorOf({
  actor_name,
  actor_type,
  actor_id,
}: Pick<AuditLog, "actor_name" | "actor_type" | "actor_id">): string {
  if (actor_name) return actor_name;
  if (actor_type === "system") return "The control plane";
  return actor_id ? `${inWords(actor_type)} ${shortId(actor_id)}` : "Somebody unknown";
}

/** What it was done to: by its name, else by what is known of it. */
export function resourceOf({
  resource_name,
  resource_type,
  resource_id,
}: Pick<AuditLog, "resource_name" | "resource_type" | "resource_id">): string | null {
  if (resource_name) return resource_name;
  if (!resource_type) return resource_id;
  return resource_id ? `${inWords(resource_type)} ${shortId(resource_id)}` : inWords(resource_type);
}
