import { CopyButton } from "./copy-button";

/** JSON as it is, to read and to copy. What somebody else wrote stays text. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className="relative">
      <pre
        // Scrolls, so the keyboard must reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-96 overflow-auto rounded-lg border bg-canvas p-3 pr-10 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {text}
      </pre>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} className="absolute top-2 right-3" />
    </div>
  );
}
