import { duration } from "@/lib/time/time";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/lib/time/units";

/** How long until then: “4 min 05 s”, “3 h 12 min”, “2 d 4 h”; null once it is over. */
export function timeLeft(until: string, now: number): string | null {
  const left = Date.parse(until) - now;
  if (left <= 0) return null;
  if (left >= DAY_MS) return `${Math.floor(left / DAY_MS)} d ${Math.floor((left % DAY_MS) / HOUR_MS)} h`;
  return duration(left < MINUTE_MS ? Math.ceil(left / SECOND_MS) * SECOND_MS : left);
}

/** It will be over before somebody comes back from lunch. */
export function isShort(until: string, now: number): boolean {
  return Date.parse(until) - now < 5 * MINUTE_MS;
}
