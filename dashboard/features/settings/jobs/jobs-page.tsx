"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks, Plus } from "lucide-react";
import { Can } from "@/components/can";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { SettingsPage } from "@/features/settings/settings-page";
import { useUrl } from "@/lib/url/use-url";
import { JOB_FILTERS, JOBS_SORT, jobsQuery } from "./api";
import { JobDialog } from "./job-dialog";
import { JOBS_COLUMNS } from "./jobs-columns";
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
  const list = useListState(JOB_FILTERS, JOBS_SORT);
  const { filters, setFilters } = list;
  const jobs = useInfiniteQuery(jobsQuery(filters, list.sort));
  return (
    <>
      <FilterRow list={list}>
        <ChoiceFilter
          name="Type"
          value={filters.type}
          onChange={(type) => setFilters({ type })}
          options={TYPE_CHOICES}
        />
        <ChoiceFilter
          name="Status"
          value={filters.status}
          onChange={(status) => setFilters({ status })}
          options={STATUS_CHOICES}
        />
      </FilterRow>
      <PagedTable
        label="Jobs"
        short
        query={jobs}
        rowsOf={(page) => page.jobs}
        columns={JOBS_COLUMNS}
        list={list}
        empty={
          <Notice icon={ListChecks} title="No job was asked for yet">
            <p>
              Start one above: verify the audit log, look for new tools, write a backup. It is listed here.
            </p>
          </Notice>
        }
      />
    </>
  );
}
