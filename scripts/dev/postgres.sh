# shellcheck shell=sh
# A Postgres of our own: TCP on the loopback only, passwords always, run by `postgres` when we are root.

# postgres_bin: the folder of the newest server from 15 on; nothing when there is none.
postgres_bin() (
    newest=14
    found=
    for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(pg_config --bindir 2>/dev/null)"; do
        [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] || continue
        major=$("$bin/postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        [ "$major" -gt "$newest" ] || continue
        newest=$major
        found=$bin
    done
    [ -z "$found" ] || echo "$found"
)

# as_user NAME: the words to put before a command so that root does not run a store itself.
as_user() {
    [ "$(id -u)" -ne 0 ] || echo "setpriv --reuid=$1 --regid=$1 --init-groups"
}

# store_home NAME USER: the folder of a store's data, which that user can reach. Where the checkout lies in a folder
# closed to others, the data live under /var/tmp and $DEV_DIR/NAME points there.
store_home() {
    [ -e "$DEV_DIR/$1" ] && return
    rm -f "$DEV_DIR/$1"
    mkdir -p "$DEV_DIR"
    # shellcheck disable=SC2046 # no words when we are not root
    if $(as_user "$2") test -x "$DEV_DIR"; then
        mkdir "$DEV_DIR/$1"
    else
        elsewhere=$(mktemp -d "/var/tmp/gatewayops-$1-XXXXXX")
        ln -s "$elsewhere" "$DEV_DIR/$1"
        say "  the user $2 cannot reach $DEV_DIR: its data are in $elsewhere"
    fi
    chmod 700 "$DEV_DIR/$1/"
    [ "$(id -u)" -ne 0 ] || chown "$2" "$DEV_DIR/$1/"
}

# drop_store NAME: its data, wherever they are.
drop_store() {
    [ ! -L "$DEV_DIR/$1" ] || rm -rf "$(readlink "$DEV_DIR/$1")"
    rm -rf "${DEV_DIR:?}/$1"
}

# make_postgres PASSWORD RIGHTS: a cluster with the database `gatewayops` and its owner, which is no superuser. The
# superuser has no password, so that nobody can log in as it.
make_postgres() {
    store_home postgres postgres
    [ ! -e "$DEV_DIR/postgres/data" ] || return 0
    step "making a Postgres $("$(postgres_bin)/postgres" --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/') cluster" make_cluster "$@"
}

make_cluster() (
    set -e
    cd -P "$DEV_DIR/postgres"
    pg=$(postgres_bin)
    run=$(as_user postgres)
    $run rm -rf new
    $run "$pg/initdb" -D new -U postgres -A trust -E UTF8 --no-locale
    $run tee new/pg_hba.conf <<'RULES'
host all all 127.0.0.1/32 scram-sha-256
RULES
    $run tee -a new/postgresql.conf <<'SETTINGS'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
SETTINGS
    $run "$pg/postgres" --single -D new postgres <<SQL
create role gatewayops login $2 password '$1'
create database gatewayops owner gatewayops
SQL
    $run mv new data
)

# A killed postmaster counts as running until its parent has noticed; an init that never does is not waited for long.
await_last_postmaster() {
    last=$(head -n 1 "$DEV_DIR/postgres/data/postmaster.pid" 2>/dev/null) || return 0
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        { [ -d "/proc/$last" ] && [ -z "$(started "$last")" ]; } || return 0
        sleep 0.25
    done
    rm -f "$DEV_DIR/postgres/data/postmaster.pid"
}

# start_postgres PORT SETTING...: each setting is a `name=value` for this start.
start_postgres() {
    postgres_port=$1
    shift
    for setting in "$@"; do set -- "$@" -c "$setting"; shift; done
    await_last_postmaster
    pg=$(postgres_bin)
    # shellcheck disable=SC2046 # no words when we are not root
    (cd -P "$DEV_DIR/postgres" && spawn postgres $(as_user postgres) "$pg/postgres" -D "$PWD/data" -p "$postgres_port" "$@")
    wait_ready postgres 60 "$pg/pg_isready" -q -h 127.0.0.1 -p "$postgres_port"
}
