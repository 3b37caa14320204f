"use client";

import { Play, Square } from "lucide-react";
import { useState, type FormEvent } from "react";
import { TextAreaField } from "@/components/form/text-area-field";
import { Button } from "@/components/ui/button";
import { asSchema, propertiesOf, resolved } from "@/lib/json-schema/json-schema";
import { readObject } from "@/lib/json/read-json";
import { useUrl } from "@/lib/url/use-url";
import { initial, problemsOf } from "./form/model";
import { Properties } from "./form/object-field";

interface Props {
  schema: unknown;
  running: boolean;
  onCall: (json: string) => void;
  onCancel: () => void;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** The arguments, by a form that is made from the schema or as JSON; one becomes the other. */
export function ArgumentsForm({ schema: given, running, onCall, onCancel }: Props) {
  const { parameters, change } = useUrl();
  const root = asSchema(given);
  const schema = resolved(root, root);
  const isForm = parameters.get("mode") !== "json";
  const [value, setValue] = useState<unknown>(() => initial(root, root, true) ?? {});
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [tried, setTried] = useState(false);
  const read = readObject(text);
  const problems = tried && isForm ? problemsOf(root, value, root) : NONE;

  function switchTo(form: boolean) {
    if (form && read.value) setValue(read.value);
    if (!form) setText(JSON.stringify(value, null, 2));
    setTried(false);
    change({ mode: form ? null : "json" });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (isForm) {
      if (problemsOf(root, value, root).size === 0) onCall(JSON.stringify(value));
    } else if (read.value) onCall(text);
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div role="group" aria-label="How arguments are given" className="flex gap-1">
        <Button
          size="small"
          look={isForm ? "secondary" : "quiet"}
          aria-pressed={isForm}
          disabled={!isForm && !read.value}
          onClick={() => switchTo(true)}
        >
          Form
        </Button>
        <Button
          size="small"
          look={isForm ? "quiet" : "secondary"}
          aria-pressed={!isForm}
          onClick={() => switchTo(false)}
        >
          JSON
        </Button>
      </div>
      {isForm ? (
        <FormFields>
          {propertiesOf(schema).length === 0 && (
            <p className="text-sm text-ink-2">
              Its schema names no arguments. What it takes all the same can be given as JSON.
            </p>
          )}
          <Properties
            name="arguments"
            schema={schema}
            root={root}
            path=""
            depth={0}
            required
            value={value}
            onChange={setValue}
            problems={problems}
          />
        </FormFields>
      ) : (
        <TextAreaField
          code
          rows={12}
          label="Arguments"
          hint="Sent as they are, without a look at the schema"
          problem={read.problem}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {problems.size > 0 && (
        <p role="alert" className="text-sm text-bad">
          Not called: {problems.size === 1 ? "one argument is" : `${problems.size} arguments are`} not as the
          schema wants. As JSON they can be sent all the same.
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={running || (!isForm && !read.value)}>
          <Play aria-hidden />
          {running ? "Calling …" : "Call"}
        </Button>
        {running && (
          <Button onClick={onCancel}>
            <Square aria-hidden />
            Stop waiting
          </Button>
        )}
      </div>
    </form>
  );
}

function FormFields({ children }: { children: React.ReactNode }) {
  return <div className="flex flex-col gap-4">{children}</div>;
}
