#!/bin/sh
# postgres-failover.sh [SECONDS=30] [CALLS_A_SECOND=500]
# Under load the primary is killed and its standby promoted, with so many seconds before and after: no call fails, no span
# is lost, and the control plane goes over to the new primary by itself.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
around=${1:-30} rate=${2:-500}
PROCESSES="$PROCESSES standby"

# A copy of the empty cluster, which follows it. What is committed is on both.
have_standby() {
    STANDBY_PORT=$(free_port)
    make_postgres "$POSTGRES_PASSWORD" 'createrole createdb replication'
    store_home standby postgres
    (
        run=$(as_user postgres)
        cd -P "$DEV_DIR/postgres"
        echo 'host replication gatewayops 127.0.0.1/32 scram-sha-256' | $run tee -a data/pg_hba.conf
        cp -a data "$DEV_DIR/standby/data"
        echo "synchronous_standby_names = '*'" | $run tee -a data/postgresql.conf
        $run tee -a "$DEV_DIR/standby/data/postgresql.conf" <<SETTINGS
primary_conninfo = 'host=127.0.0.1 port=$POSTGRES_PORT user=gatewayops password=$POSTGRES_PASSWORD'
wal_retrieve_retry_interval = 200ms
SETTINGS
        $run touch "$DEV_DIR/standby/data/standby.signal"
    ) >/dev/null
    start_standby
    DATABASE_URL=postgres://gatewayops:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT,127.0.0.1:$STANDBY_PORT/gatewayops
}

start_standby() {
    pg=$(postgres_bin)
    # shellcheck disable=SC2046 # no words when we are not root
    (cd -P "$DEV_DIR/standby" && spawn standby $(as_user postgres) "$pg/postgres" -D "$PWD/data" -p "$STANDBY_PORT")
    wait_ready standby 60 "$pg/pg_isready" -q -h 127.0.0.1 -p "$STANDBY_PORT"
}

# All of it at once: nobody says goodbye, the kernel alone closes what was open.
kill_primary() {
    primary=$(pid_of postgres)
    # shellcheck disable=SC2046 # several
    kill -KILL "$primary" $(pgrep -P "$primary")
    signalled postgres KILL 10
    forget postgres
}

promote_standby() {
    # shellcheck disable=SC2046 # no words when we are not root
    (cd -P "$DEV_DIR/standby" && $(as_user postgres) "$(postgres_bin)/pg_ctl" promote -s -D "$PWD/data")
    POSTGRES_PORT=$STANDBY_PORT
}

milliseconds() { date +%s%3N; }
stored() { sql 'select count(*) from traces'; }

prepare=have_standby
open_stack
open_books
begin_load --connections 64 --rate "$rate" --duration $((2 * around))
sleep "$around"
killed=$(milliseconds)
kill_primary
promote_standby
say "- the primary was killed and its standby promoted within $(($(milliseconds) - killed)) ms, at $rate calls a second"
before=$(stored)
until [ "$(stored)" -gt "$before" ]; do
    [ $(($(milliseconds) - killed)) -lt 60000 ] || die "no span is stored after a minute: $(tail -n 3 "$(log_of control-plane)")"
    sleep 0.1
done
say "- spans are stored again $(($(milliseconds) - killed)) ms after the kill"
end_load
close_books "$report" $((60 + around))
verdict
