import { JsonBlock } from "@/components/ui/json-block";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { Answer } from "@/features/playground/mcp/call-tool";
import { contentOf } from "@/features/playground/mcp/outcome";
import { ContentPart } from "./content-part";
import { RefusalNote } from "./refusal-note";

export function AnswerBody({ answer }: { answer: Answer }) {
  const { result, refusal, kind } = answer;
  if (refusal) return <RefusalNote refusal={refusal} requestId={refusal.requestId ?? answer.requestId} />;
  if (!result) return null;
  const content = contentOf(result);
  const structured = result.structuredContent;
  return (
    <>
      {kind === "asks" && (
        <p className="text-sm text-ink-2">
          The tool asks back before it goes on. The playground cannot answer; a client that can do so is
          asked.
        </p>
      )}
      <Tabs defaultValue={content.length > 0 ? "content" : structured === undefined ? "raw" : "structured"}>
        <TabsList aria-label="The result" className="-mx-4 sm:-mx-5">
          {content.length > 0 && <TabsTrigger value="content">Content</TabsTrigger>}
          {structured !== undefined && <TabsTrigger value="structured">Structured</TabsTrigger>}
          <TabsTrigger value="raw">As it came</TabsTrigger>
        </TabsList>
        <TabsContent value="content" className="flex flex-col gap-3 pt-3">
          {content.map((part, at) => (
            <ContentPart key={at} part={part} />
          ))}
        </TabsContent>
        <TabsContent value="structured" className="pt-3">
          <JsonBlock label="Structured content" value={structured} />
        </TabsContent>
        <TabsContent value="raw" className="pt-3">
          <JsonBlock label="Result" value={result} />
        </TabsContent>
      </Tabs>
    </>
  );
}
