import type { Schemas } from "@/lib/api/client";
import { formatDrawnMoney } from "@/lib/money/money";
import { count, percent } from "@/lib/number";
import { duration } from "@/lib/time/time";

export type Metric = Schemas["AlertMetric"];
export type Condition = Schemas["AlertCondition"];

interface Known {
  name: string;
  /** What a threshold of it is given in. */
  unit: string;
  about: string;
  format: (value: number) => string;
  /** A threshold to begin with. */
  usual: string;
}

const perMinute = (value: number) => `${Number(value.toFixed(2))}/min`;
const whole = (value: number) => (Number.isInteger(value) ? count(value) : String(Number(value.toFixed(2))));
const perHour = (value: number) => `${formatDrawnMoney(value)}/h`;
const perDay = (value: number) => `${formatDrawnMoney(value)}/day`;

export const METRICS: Record<Metric, Known> = {
  error_rate: {
    name: "Error rate",
    unit: "Fraction from 0 to 1: 0.05 is 5%",
    about: "Errors and timeouts among the calls of the window.",
    format: percent,
    usual: "0.05",
  },
  latency_p50: latency("p50 latency", "Half of the calls were faster."),
  latency_p95: latency("p95 latency", "95 of 100 calls were faster."),
  latency_p99: latency("p99 latency", "99 of 100 calls were faster."),
  request_rate: {
    name: "Request rate",
    unit: "Calls per minute",
    about: "How many calls there are, succeeded or not.",
    format: perMinute,
    usual: "1000",
  },
  cost_per_hour: {
    name: "Cost per hour",
    unit: "US dollars per hour",
    about: "At the pace of the window.",
    format: perHour,
    usual: "10",
  },
  cost_per_day: {
    name: "Cost per day",
    unit: "US dollars per day",
    about: "At the pace of the window.",
    format: perDay,
    usual: "100",
  },
  rate_limit_hit: counted(
    "Rate limit hits",
    "Calls that a rate limit or a quota refused in the window.",
    "10",
  ),
  blocked_count: counted(
    "Blocked calls",
    "Calls that the gateway refused in the window, for whatever reason.",
    "10",
  ),
  injection_detected: counted("Detections", "Detections of any kind in the window.", "1"),
  tool_drift: counted("Changed tools", "Tools whose definition changed in the window.", "1"),
  approval_pending: counted("Pending approvals", "Approvals that wait now, whatever the window.", "5"),
  server_unhealthy: counted(
    "Unhealthy servers",
    "Servers that are unhealthy now. Of the past nothing is known.",
    "1",
  ),
};

function latency(name: string, about: string): Known {
  return { name, unit: "Milliseconds", about, format: duration, usual: "2000" };
}

function counted(name: string, about: string, usual: string): Known {
  return { name, unit: "How many", about, format: whole, usual };
}

/** Metrics may be added by the API: an unknown one is shown as it is called. */
export function metricName(metric: string): string {
  return METRICS[metric as Metric]?.name ?? metric;
}

export function formatMeasure(metric: string, value: number): string {
  return METRICS[metric as Metric]?.format(value) ?? String(value);
}

export const CONDITIONS: Record<Condition, { name: string; sign: string }> = {
  gt: { name: "is more than", sign: ">" },
  gte: { name: "is at least", sign: "≥" },
  lt: { name: "is less than", sign: "<" },
  lte: { name: "is at most", sign: "≤" },
  eq: { name: "is exactly", sign: "=" },
  neq: { name: "is anything but", sign: "≠" },
};

/** “Error rate > 5%”. */
export function termsInWords(rule: { metric: string; condition: string; threshold: number }): string {
  const sign = CONDITIONS[rule.condition as Condition]?.sign ?? rule.condition;
  return `${metricName(rule.metric)} ${sign} ${formatMeasure(rule.metric, rule.threshold)}`;
}

/** “for 5 minutes”, “for 2 hours”; minutes as people say them. */
export function minutesInWords(minutes: number): string {
  if (minutes % 1440 === 0 && minutes > 0) return minutes === 1440 ? "a day" : `${minutes / 1440} days`;
  if (minutes % 60 === 0 && minutes > 0) return minutes === 60 ? "an hour" : `${minutes / 60} hours`;
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
