-- A proxy that meets a server's list with something missing cannot tell what else has changed there, so it asks for a
-- visit (contract 2.4, ReportDefinitions). The wish is a time on the server: the replica that looks at servers need not be
-- the one that was asked, and one in 30 seconds is enough. It is no news to proxies.

alter table mcp_servers add column visit_wanted_at timestamptz;

drop trigger log_change on mcp_servers;
select log_changes_of('mcp_servers',
    '{health,health_checked_at,health_latency_ms,health_error,server_info,capabilities,visit_wanted_at}');
