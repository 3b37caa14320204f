"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks, Plus } from "lucide-react";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { Listing } from "@/features/settings/listing/listing";
import { SelectFilter } from "@/features/settings/listing/select-filter";
import { SettingsPage } from "@/features/settings/settings-page";
import { useUrl } from "@/lib/url/use-url";
import { JOB_FILTERS, JOBS_SORT, jobsQuery } from "./api";
import { JobDialog } from "./job-dialog";
import { JOBS_COLUMNS } from "./jobs-columns";
import { jobHref } from "./job-href";
import { StartDialog } from "./start-dialog";
import { STATUS_CHOICES, TYPE_CHOICES } from "./types";

export function JobsPage() {
  const { parameters, change } = useUrl();
  const id = parameters.get("id");
  return (
    <SettingsPage
      title="Jobs"
      description="What takes longer than a request, done one after the other"
      actions={
        <Can permission="settings:admin">
          <Button look="primary" onClick={() => change({ start: "1" }, "push")}>
            <Plus aria-hidden />
            Start a job
          </Button>
        </Can>
      }
    >
      <List />
      {id && <JobDialog id={id} onClose={() => change({ id: null })} />}
      {parameters.get("start") && (
        <StartDialog
          onClose={() => change({ start: null })}
          onStarted={(job) => change({ start: null, id: job.id })}
        />
      )}
    </SettingsPage>
  );
}

function List() {
  const { filters, setFilters, sort, setSort, clear } = useListState(JOB_FILTERS, JOBS_SORT);
  const jobs = useInfiniteQuery(jobsQuery(filters, sort));
  const rows = useMemo(() => jobs.data?.pages.flatMap((page) => page.jobs) ?? [], [jobs.data]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <SelectFilter
          label="Type"
          value={filters.type}
          onChange={(type) => setFilters({ type })}
          choices={TYPE_CHOICES}
        />
        <SelectFilter
          label="Status"
          value={filters.status}
          onChange={(status) => setFilters({ status })}
          choices={STATUS_CHOICES}
        />
      </div>
      <Listing
        label="Jobs"
        pages={jobs}
        rows={rows}
        columns={JOBS_COLUMNS}
        hrefOf={jobHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            icon={ListChecks}
            title={isFiltered ? "No job is like that" : "No job was asked for yet"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && (
              <p>
                Start one above: verify the audit log, look for new tools, write a backup. It is listed here.
              </p>
            )}
          </Notice>
        }
      />
    </>
  );
}
