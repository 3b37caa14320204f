"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Card } from "@/components/ui/card";
import { DraftForm } from "@/features/settings/form/draft-form";
import { ChoiceSetting, NumberSetting, SwitchSetting, TextSetting } from "@/features/settings/form/fields";
import { savedHeaders } from "@/features/settings/form/headers";
import { HeadersSetting } from "@/features/settings/form/headers-setting";
import { useSavedDraft } from "@/features/settings/form/use-saved-draft";
import type { Values } from "@/features/settings/form/values";
import { percent } from "@/lib/number";
import { createExporter, exporterQuery, EXPORTERS_KEY, updateExporter, type Exporter } from "./api";
import { exporterHref } from "./exporters-columns";
import { PROTOCOLS } from "./protocols";

const NEW_EXPORTER: Values = {
  name: "",
  protocol: "grpc",
  endpoint: "",
  headers: null,
  sample_ratio: 1,
  batch_size: 512,
  batch_timeout_ms: 5000,
  enabled: true,
};

function valuesOf(exporter: Exporter): Values {
  const { name, protocol, endpoint, sample_ratio, batch_size, batch_timeout_ms, enabled } = exporter;
  const headers = savedHeaders(exporter.headers_set);
  return { name, protocol, endpoint, headers, sample_ratio, batch_size, batch_timeout_ms, enabled };
}

export function ExporterForm({ exporter }: { exporter?: Exporter }) {
  const client = useQueryClient();
  const router = useRouter();
  const draft = useSavedDraft({
    saved: exporter ? valuesOf(exporter) : NEW_EXPORTER,
    version: exporter?.version ?? null,
    onSave: async (changes, version) => {
      const saved = exporter
        ? await updateExporter(exporter.id, changes, version)
        : await createExporter({ ...NEW_EXPORTER, ...changes });
      client.setQueryData(exporterQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: [...EXPORTERS_KEY, "list"] });
      if (!exporter) router.replace(exporterHref(saved));
    },
    onStale: () => void client.invalidateQueries({ queryKey: EXPORTERS_KEY }),
  });
  return (
    <DraftForm
      draft={draft}
      permission="settings:admin"
      action={exporter ? "Save" : "Create exporter"}
      onCancel={exporter ? undefined : () => router.push("/settings/exporters")}
    >
      <Card title="Receiver">
        <TextSetting
          draft={draft}
          name="name"
          label="Name"
          help="To find it by. 1 to 100 characters."
          required
          maxLength={100}
        />
        <ChoiceSetting
          draft={draft}
          name="protocol"
          choices={PROTOCOLS}
          standardValue="grpc"
          label="Protocol"
          help="The form of OTLP that the receiver takes."
        />
        <TextSetting
          draft={draft}
          name="endpoint"
          type="url"
          label="Endpoint"
          help="Where it listens. https and public, unless the installation allows others."
          placeholder="https://otel.example.com:4317"
          required
          maxLength={2000}
        />
        <HeadersSetting
          draft={draft}
          name="headers"
          label="Headers"
          help="Sent with every batch, such as an API key of the receiver. Never read back; another receiver is given them anew."
        />
        <SwitchSetting
          draft={draft}
          name="enabled"
          standardValue={true}
          label="Send"
          help="One that is switched on again begins with what arrives then."
        />
      </Card>
      <Card title="What and how much">
        <NumberSetting
          draft={draft}
          name="sample_ratio"
          min={0}
          max={1}
          step="any"
          says={percent}
          standardValue={1}
          label="Share of traces"
          help="From 0 to 1. Traces in which something went wrong are always sent."
        />
        <NumberSetting
          draft={draft}
          name="batch_size"
          unit="spans"
          min={1}
          max={8192}
          standardValue={512}
          label="Most in a batch"
          help="1 to 8,192."
        />
        <NumberSetting
          draft={draft}
          name="batch_timeout_ms"
          unit="ms"
          min={100}
          max={60_000}
          standardValue={5000}
          label="A span waits for others"
          help="100 ms to 1 minute."
        />
      </Card>
    </DraftForm>
  );
}
