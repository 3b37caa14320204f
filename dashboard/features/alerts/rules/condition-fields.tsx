import { SelectField } from "@/components/form/select-field";
import { Field } from "@/components/ui/field";
import { SEVERITY_OPTIONS } from "@/features/alerts/looks";
import { CONDITIONS, formatMeasure, METRICS, type Condition, type Metric } from "@/features/alerts/metrics";
import type { FieldsProps } from "./rule-form";

const METRIC_OPTIONS = (Object.keys(METRICS) as Metric[]).map((value) => ({
  value,
  name: METRICS[value].name,
}));
const CONDITION_OPTIONS = (Object.keys(CONDITIONS) as Condition[]).map((value) => ({
  value,
  name: `${CONDITIONS[value].sign} ${CONDITIONS[value].name}`,
}));

/** The metric, from when on it is too much, and for how long. */
export function ConditionFields({ draft, put, about }: FieldsProps) {
  const metric = METRICS[draft.metric];
  const threshold = Number(draft.threshold);
  const isNumber = draft.threshold.trim() !== "" && Number.isFinite(threshold);

  function chooseMetric(next: Metric) {
    // A threshold that nobody has touched would mean something else in another unit.
    if (draft.threshold === metric?.usual) put("threshold", METRICS[next].usual);
    put("metric", next);
  }

  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <SelectField
          label="Metric"
          value={draft.metric}
          options={METRIC_OPTIONS}
          onChange={chooseMetric}
          hint={metric?.about}
          problem={about("metric")}
        />
        <SelectField
          label="Condition"
          value={draft.condition}
          options={CONDITION_OPTIONS}
          onChange={(condition) => put("condition", condition)}
          problem={about("condition")}
        />
        <Field
          label="Threshold"
          required
          type="number"
          step="any"
          value={draft.threshold}
          onChange={(event) => put("threshold", event.target.value)}
          hint={isNumber ? `${metric?.unit}. Now ${formatMeasure(draft.metric, threshold)}` : metric?.unit}
          problem={about("threshold")}
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          label="Window in minutes"
          required
          type="number"
          min={1}
          max={1440}
          value={draft.window_minutes}
          onChange={(event) => put("window_minutes", event.target.value)}
          hint="What is measured together, from 1 to 1440"
          problem={about("window_minutes")}
        />
        <Field
          label="For how many minutes"
          required
          type="number"
          min={0}
          max={1440}
          value={draft.for_minutes}
          onChange={(event) => put("for_minutes", event.target.value)}
          hint="It must stay out of range before it fires; 0 is at once"
          problem={about("for_minutes")}
        />
        <SelectField
          label="Severity"
          value={draft.severity}
          options={SEVERITY_OPTIONS}
          onChange={(severity) => put("severity", severity)}
          problem={about("severity")}
        />
      </div>
    </>
  );
}
