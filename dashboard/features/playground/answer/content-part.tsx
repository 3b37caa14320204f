import { JsonBlock } from "@/components/ui/json-block";
import { bytes } from "@/lib/number";

/** A piece of a result. Somebody else made it: texts stay texts, and nothing is loaded or followed. */
export function ContentPart({ part }: { part: Record<string, unknown> }) {
  if (part.type === "text" && typeof part.text === "string") {
    return <JsonBlock label="Text" value={pretty(part.text)} />;
  }
  if ((part.type === "image" || part.type === "audio") && typeof part.data === "string") {
    return (
      <p className="rounded-lg border px-3 py-2 text-sm text-ink-2">
        {part.type === "image" ? "An image" : "A sound"}
        {typeof part.mimeType === "string" && ` (${part.mimeType})`} of about{" "}
        {bytes(Math.floor((part.data.length * 3) / 4))}. It is not drawn here; its data is in “As it came”.
      </p>
    );
  }
  return (
    <JsonBlock
      label={typeof part.type === "string" ? part.type.replaceAll("_", " ") : "Content"}
      value={part}
    />
  );
}

/** Many tools answer JSON as a text. */
function pretty(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    // Numbers beyond what a browser counts exactly would change: then the text stays as it is.
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? text : JSON.stringify(value, null, 2);
  } catch {
    return text;
  }
}
