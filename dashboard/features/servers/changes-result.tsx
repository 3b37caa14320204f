import { count } from "@/lib/number";
import type { Changes } from "./api";

const KINDS = [
  ["tools", "Tools"],
  ["resources", "Resources"],
  ["prompts", "Prompts"],
] as const;

/** What reading a catalogue anew found. */
export function ChangesResult({ changes }: { changes: Changes }) {
  return (
    <div role="status">
      <table className="w-full text-sm">
        <thead>
          <tr className="text-xs text-ink-3">
            <th scope="col" className="py-1 text-left font-medium">
              Found
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              New
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              Changed
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              Gone
            </th>
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {KINDS.map(([kind, name]) => (
            <tr key={kind} className="border-t">
              <th scope="row" className="py-1.5 text-left font-normal">
                {name}
              </th>
              <td className="text-right">{count(changes[kind].added)}</td>
              <td className="text-right">{count(changes[kind].changed)}</td>
              <td className="text-right">{count(changes[kind].removed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
