#!/bin/sh
# Promises of the migrations, kept on a real server: once with a superuser as owner of the database, once with a plain
# user, once with one who may not even create roles.
# Usage: DATABASE_URL=postgres://admin@host/postgres migrations/test.sh   (the user may create databases and roles)
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${DATABASE_URL:?set DATABASE_URL to a server where databases and roles may be created}"
passed=0 failed=0 tag=gwo_test_$$

admin() { psql -XqAt -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1"; }
# database <name> [user]: the same server, another database, perhaps another user
database() {
    url=$(printf %s "$DATABASE_URL" | sed -E "s#(//[^/]*)(/[^?]*)?#\1/$1#")
    [ $# -lt 2 ] || url=$(printf %s "$url" | sed -E "s#//([^@/]*@)?#//$2:$tag@#")
}
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$url" -c "$1" 2>&1; }
as() { sql "begin; set local role gatewayops_$1; $2; commit"; } # as app|worker <statements>
of() { as app "set local app.org_id = '$1'; $2"; }              # of <organization> <statements>, as the app
apply() { for file in "$here"/0*.sql; do before "$file" || return 1; psql -Xq1 -v ON_ERROR_STOP=1 -o /dev/null "$url" -f "$file" || return 1; done; }
before() { # before <file>: what it finds; sums of an organization that promises leave alone
    case $1 in
    */0028_*) as worker "insert into rollup_hour (org_id, bucket, mcp_server, tool_name, team_id, requests, duration_hist)
        select '$c', date_trunc('hour', now()), 'files', tool, team, 2, array_fill(1, array[80])
        from (values ('read', null), ('write', '$a'::uuid)) as called (tool, team)" ;;
    esac
}
is() { # is <promise> <expected> <actual>; an expectation of *x* looks for x
    # shellcheck disable=SC2254 # a pattern
    case $3 in
    $2) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)); printf 'FAILED %s: %s: expected [%s], got [%s]\n' "$owner" "$1" "$2" "$3" ;;
    esac
}
cleanup() {
    for kind in super plain bare; do
        admin "drop database if exists ${tag}_$kind with (force)"
        admin "drop role if exists ${tag}_$kind"
    done 2>/dev/null
}
trap cleanup EXIT

a=00000000-0000-7000-8000-00000000000a b=00000000-0000-7000-8000-00000000000b c=00000000-0000-7000-8000-00000000000c
h32="decode(repeat('01', 32), 'hex')"
span="insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, status, duration_ms, started_at,
    ended_at, is_root, kind, proxy_id) select uuid_v7(), '$a', 't', 's', 'tools/call', 'files', 'success', 1, at, at, true,
    'server', 'p' from (values (now() - interval '40 days')) as late (at)"

promises() {
    as worker "insert into organizations (id, name, slug) values ('$a', 'A', 'a'), ('$b', 'B', 'b')" >/dev/null
    as worker "insert into users (org_id, email, name, password_hash) select id, 'Ann@example.com', 'Ann', 'hash' from organizations" >/dev/null
    as worker "insert into api_keys (org_id, user_id, name, key_prefix, key_hash, pepper_id)
        select org_id, id, 'key', 'gwo_dev_', case org_id when '$a' then $h32 else sha256('b') end, 1 from users" >/dev/null

    is built_in_roles_are_seeded admin,billing,developer,security,team_lead,team_member,viewer \
        "$(of $a "select string_agg(name, ',' order by name) from roles where is_builtin")"
    is a_default_policy_is_seeded 1 "$(of $a 'select count(*) from safety_policies where is_default')"

    is rows_of_another_organization_are_invisible 1 "$(of $a 'select count(*) from api_keys')"
    is only_the_own_organization_is_visible a "$(of $a 'select slug from organizations')"
    is nothing_is_visible_without_an_organization 0 "$(as app 'select count(*) from users')"
    is a_row_cannot_be_written_for_another_organization '*row-level security*' \
        "$(of $a "insert into teams (org_id, name, slug) values ('$b', 'x', 'x')")"
    is a_foreign_key_cannot_reach_another_organization '*violates foreign key*' \
        "$(as worker "insert into team_memberships (org_id, team_id, user_id) select '$a', uuid_v7(), id from users where org_id = '$b'")"
    is every_table_of_an_organization_is_isolated '' \
        "$(sql "select string_agg(relname, ' ') from pg_class c where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
            and not (relrowsecurity and relforcerowsecurity) and relname not in ('system_secrets', '_sqlx_migrations')")"
    is partitions_are_closed_to_the_app '*permission denied*' "$(of $a "select * from traces_$(date -u +%Y%m%d)")"
    is the_app_sees_no_system_secrets '*permission denied*' "$(of $a 'select * from system_secrets')"
    is the_app_writes_no_spans '*permission denied*' "$(of $a "$span")"
    is the_app_forges_no_change '*permission denied*' "$(of $a "insert into policy_changes (entity, op) values ('x', 'insert')")"

    is a_key_is_found_by_hash $a "$(as app "select org_id from find_api_key_by_hash($h32)")"
    is a_key_is_found_before_a_role_is_taken $a "$(sql "select org_id from find_api_key_by_hash($h32)")"
    is an_unknown_hash_finds_nothing 0 "$(as app "select count(*) from find_session_by_hash($h32)")"
    is invites_are_looked_up 0 "$(as app "select count(*) from find_invite_by_hash($h32)")"
    is logins_are_found_in_any_case 2 "$(as app "select count(*) from find_logins_by_email('ANN@example.com') where password_hash = 'hash'")"
    is an_organization_is_found_by_slug A "$(as app "select name from organization_by_slug('a')")"

    as worker "insert into sso_providers (id, org_id, type, name, issuer_url, client_id, client_secret_encrypted)
        values ('$b', '$b', 'oidc', 'idp', 'https://id', 'us', 'x')" >/dev/null
    is a_provider_is_found_before_its_organization_is_known $b "$(as app "select org_id from find_sso_provider('$b')")"
    is keys_of_a_provider_are_logged_with_it "sso_provider_keys $b" \
        "$(of $b "insert into sso_provider_keys (org_id, provider_id, jwks) values ('$b', '$b', '{}'); set constraints all immediate;
            select concat_ws(' ', entity, after ->> 'provider_id') from policy_changes order by revision desc limit 1")"
    is fetching_the_same_keys_is_no_change f \
        "$(of $b "update sso_provider_keys set fetched_at = now(), tried_at = now(); set constraints all immediate;
            select count(*) > 1 from policy_changes where entity = 'sso_provider_keys'")"
    is one_of_two_organizations_is_not_the_only_one 0 "$(as app 'select count(*) from only_organization()')"

    as worker "insert into tool_approvals (org_id, principal, mcp_server, tool_name, arguments_hash, expires_at)
        values ('$a', 'api_key:k', 'files', 'rm', repeat('a', 64), now() + interval '1 hour')" >/dev/null
    is a_request_is_not_used_up_before_it_is_approved '*does not go from pending to consumed*' \
        "$(of $a "update tool_approvals set status = 'consumed'")"
    is an_approval_says_until_when '*violates check constraint*' "$(of $a "update tool_approvals set status = 'approved'")"
    is a_decision_is_announced '*Asynchronous notification "gwo_approvals" with payload*' \
        "$(sql "listen gwo_approvals; begin; set local role gatewayops_app; set local app.org_id = '$a';
            update tool_approvals set status = 'denied'; commit")"
    is a_denial_is_final '*does not go from denied to pending*' "$(of $a "update tool_approvals set status = 'pending'")"

    last='select max(revision) from policy_changes'
    before=$(as worker "$last")
    is using_a_key_is_no_change "$before" "$(as worker "update api_keys set last_used_at = now(); set constraints all immediate; $last")"
    as worker "insert into mcp_servers (org_id, name, url) values ('$a', 'files', 'http://127.0.0.1:1')" >/dev/null
    before=$(as worker "$last")
    is a_health_check_is_no_change "$before" "$(as worker "update mcp_servers set health = 'healthy', health_checked_at = now(); set constraints all immediate; $last")"
    is a_new_protocol_version_is_a_change "mcp_servers update $a user:ann" \
        "$(as worker "set local app.actor = 'user:ann'; update mcp_servers set protocol_version = '2026-07-28'; set constraints all immediate;
            select concat_ws(' ', entity, op, org_id, actor) from policy_changes order by revision desc limit 1")"
    is a_changed_secret_is_a_change_that_shows_nothing 'f t' \
        "$(of $a "update api_keys set key_hash = sha256('new'); set constraints all immediate; select concat_ws(' ', after ? 'key_hash', before = after)
            from policy_changes order by revision desc limit 1")"
    is a_change_notifies "*Asynchronous notification \"gwo_config\" with payload \"[0-9]*" \
        "$(sql "listen gwo_config; begin; set local role gatewayops_worker; update api_keys set name = 'renamed'; commit")"
    is a_late_writer_draws_a_later_revision t "$(
        psql -XqAt "$url" -c "begin; set local role gatewayops_worker; update api_keys set name = 'slow' where org_id = '$a';
            set constraints all immediate; select pg_sleep(0.5); commit" >/dev/null &
        sleep 0.2
        as worker "update api_keys set name = 'second' where org_id = '$b'; set constraints all immediate; select (select max(revision) from policy_changes
            where org_id = '$b') > (select max(revision) from policy_changes where org_id = '$a' and after ->> 'name' = 'slow')"
        wait)"
    is ids_keep_the_order_they_were_made_in 't t' \
        "$(sql "select concat_ws(' ', bool_and(id > before or before is null), bool_and(id::text ~ '^.{14}7.{4}[89ab]'))
            from (select id, lag(id) over (order by place) as before
                from (select uuid_v7() as id, place, pg_sleep(0.00001) from generate_series(1, 100) as place) as made) as pairs")"
    is periods_are_those_of_the_utc_calendar '2026-11-29 2026-11-23 2026-11-01 2026-12-01 2026-10-01' \
        "$(sql "set time zone 'Asia/Tokyo'; select string_agg(to_char(starts at time zone 'UTC', 'YYYY-MM-DD'), ' ' order by place)
            from (values (timestamptz '2026-11-29 23:59:59Z')) moment (at), unnest(array[
                budget_period_start('daily', at), budget_period_start('weekly', at), budget_period_start('monthly', at),
                budget_period_beside('monthly', budget_period_start('monthly', at), 1),
                budget_period_beside('monthly', budget_period_start('monthly', at), -1)]) with ordinality as found (starts, place)")"
    is a_hundred_is_always_among_the_percentages_passed '{50,100} {}' \
        "$(sql "select concat_ws(' ', budget_percentages_passed(2, 2, '{150,50}'), budget_percentages_passed(0.99, 2, '{50}'))")"
    is a_key_dies_with_its_owner t \
        "$(of $a 'delete from users; select revoked_at is not null and user_id is null from api_keys')"

    as worker "insert into audit_logs (org_id, seq, action, outcome, actor_type, prev_hash, hash)
        values ('$a', 1, 'team.create', 'success', 'user', $h32, $h32)" >/dev/null
    is an_audit_row_is_not_changed_by_the_worker '*permission denied*' "$(as worker "update audit_logs set action = 'x'")"
    is an_audit_row_is_not_deleted_by_the_app '*permission denied*' "$(of $a 'delete from audit_logs')"
    is the_owner_cannot_truncate_the_audit_log '*append-only*' "$(sql 'truncate audit_logs')"
    head="insert into audit_signed_heads (org_id, seq, hash, key_id, signature, signed_at)
        values ('$a', 1, $h32, 'k', decode(repeat('01', 64), 'hex'), now())"
    is a_signed_head_is_not_written_by_the_app '*permission denied*' "$(of $a "$head")"
    as worker "$head" >/dev/null
    is a_signed_head_is_seen_by_its_organization_only '1 0' \
        "$(of $a 'select count(*) from audit_signed_heads') $(of $b 'select count(*) from audit_signed_heads')"
    is a_signed_head_is_not_changed_by_the_worker '*permission denied*' "$(as worker 'update audit_signed_heads set seq = 2')"
    is the_owner_cannot_truncate_the_signed_heads '*append-only*' "$(sql 'truncate audit_signed_heads')"

    is partitions_reach_from_two_days_back_to_seven_ahead 10 \
        "$(sql "select count(*) from pg_inherits where inhparent = 'traces'::regclass")"
    is months_reach_from_one_back_to_two_ahead 4 "$(sql "select count(*) from pg_inherits where inhparent = 'costs'::regclass")"
    is partitions_may_be_ensured_again 10 \
        "$(as worker "select ensure_partitions(now())" >/dev/null; sql "select count(*) from pg_inherits where inhparent = 'traces'::regclass")"
    is a_day_without_a_partition_is_refused '*no partition of relation*' "$(as worker "$span")"
    is a_late_span_finds_a_partition 1 \
        "$(as worker "select ensure_day('traces', current_date - 40); select ensure_day('traces', current_date - 41);
            $span; select count(*) from traces" | tail -1)"
    is a_stored_root_span_waits_to_be_folded "1 files" \
        "$(as worker "select concat_ws(' ', count(*), min(mcp_server)) from rollup_pending")"
    is one_that_was_delivered_before_does_not_wait_again 1 \
        "$(as worker "insert into traces select * from traces on conflict do nothing; select count(*) from rollup_pending")"
    is the_app_folds_nothing '*permission denied*' "$(of $a 'delete from rollup_pending')"
    is what_was_summed_before_is_shared \
        "api_key 4 2, organization 4 2, server files 4 2, team $a 2 1, team 2 1, tool files read 2 1, tool files write 2 1, user 4 2" \
        "$(as worker "select string_agg(concat_ws(' ', kind, mcp_server, tool_name, team_id, requests, duration_hist[80]),
            ', ' order by kind, tool_name, team_id) from rollup_share_hour where org_id = '$c'")"
    is the_app_shares_nothing '*permission denied*' "$(of $a 'delete from rollup_share_hour')"
    is two_who_ensure_the_same_day_both_succeed '' \
        "$(for _ in 1 2 3 4; do as worker "select ensure_day('costs', current_date - 400)" & done; wait)"
    is a_day_of_another_age_is_refused '*too far*' "$(as worker "select ensure_day('traces', '9999-01-01')")"
    is old_partitions_are_dropped 10 \
        "$(as worker "select drop_partitions('traces', now() - interval '30 days')" >/dev/null
            sql "select count(*) from pg_inherits where inhparent = 'traces'::regclass")"
    as worker "select ensure_day('traces', current_date - 40);
        update organizations set settings = '{\"retention\": {\"legal_hold\": true}}' where id = '$a'; $span" >/dev/null
    old="select drop_partition('traces', 'traces_' || to_char(current_date - 40, 'YYYYMMDD'), now())"
    is a_partition_with_rows_under_legal_hold_stays held "$(as worker "$old")"
    as worker "update organizations set settings = '{}' where id = '$a'" >/dev/null
    is a_partition_is_dropped_once "dropped kept" "$(as worker "$old") $(as worker "$old")"
    is the_app_drops_nothing '*permission denied*' "$(of $a "$old")"
    is a_dropped_audit_partition_leaves_an_anchor "1 0" \
        "$(as worker "select drop_partitions('audit_logs', now() + interval '32 days')" >/dev/null
            as worker "select (select max(seq) from audit_anchors) || ' ' || (select count(*) from audit_logs)")"
    is an_organization_can_be_deleted_with_all_it_has 0 \
        "$(as worker "delete from organizations where id = '$b'; select count(*) from api_keys where org_id = '$b'")"
}

# Since 16 only who made a role, or was given it so, may join it: where the roles stand already, the administrator helps.
owner=plain
admin "create role ${tag}_plain login createrole password '$tag'"
[ "$(admin "select current_setting('server_version_num')::int < 160000 or to_regrole('gatewayops_app') is null")" = t ] ||
    admin "grant gatewayops_app, gatewayops_worker to ${tag}_plain"
admin "create database ${tag}_plain owner ${tag}_plain"
database ${tag}_plain ${tag}_plain
is migrations_apply_as_plain_owner 0 "$(apply >&2; echo $?)"
promises

owner=super
admin "create database ${tag}_super"
database ${tag}_super
is migrations_apply_as_superuser 0 "$(apply >&2; echo $?)"
promises

owner=bare
admin "create role ${tag}_bare login password '$tag'"
admin "create database ${tag}_bare owner ${tag}_bare"
database ${tag}_bare ${tag}_bare
is who_may_not_create_roles_is_told_what_to_run '*an administrator must run*create role*' "$(apply 2>&1)"
admin "grant gatewayops_app, gatewayops_worker to ${tag}_bare"
is roles_made_beforehand_are_used 0 \
    "$(for file in "$here"/0009*.sql "$here"/001*.sql; do psql -Xq1 -v ON_ERROR_STOP=1 -o /dev/null "$url" -f "$file" >&2 || echo 1; done; echo 0)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
