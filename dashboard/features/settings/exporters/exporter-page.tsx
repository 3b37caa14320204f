"use client";

import { useQuery } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { FormSkeleton } from "@/features/settings/form/form-skeleton";
import { BackLink } from "@/components/layout/back-link";
import { DeleteButton } from "@/features/settings/listing/delete-button";
import { deleteExporter, exporterQuery, EXPORTERS_KEY, type Exporter } from "./api";
import { ExporterForm } from "./exporter-form";
import { StatsCard } from "./stats-card";
import { TestButton } from "./test-button";

const LIST = "/settings/exporters";

export function ExporterPage({ id }: { id: string }) {
  return (
    <>
      <BackLink href={LIST}>All exporters</BackLink>
      {id === "new" ? <ExporterForm /> : <Existing id={id} />}
    </>
  );
}

function Existing({ id }: { id: string }) {
  const exporter = useQuery(exporterQuery(id));
  if (exporter.data) return <One exporter={exporter.data} />;
  if (!exporter.error) return <FormSkeleton />;
  return <Failed what="The exporter" error={exporter.error} onRetry={() => void exporter.refetch()} />;
}

function One({ exporter }: { exporter: Exporter }) {
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="min-w-0 text-lg font-semibold break-words">{exporter.name}</h2>
        <DeleteButton
          noun="exporter"
          name={exporter.name}
          description="Nothing more is sent. What waits to be sent is not sent either."
          permission="settings:admin"
          onDelete={() => deleteExporter(exporter)}
          queryKey={EXPORTERS_KEY}
          listHref={LIST}
        />
      </div>
      <StatsCard exporter={exporter} actions={<TestButton id={exporter.id} />} />
      <ExporterForm exporter={exporter} />
    </>
  );
}
