# shellcheck shell=sh
# The settings of one stack: addresses (each may be given in the environment), secrets made once, and what each process
# is told. The names are those of the README's table of settings.

# with_sso: whether this stack was brought up with an identity provider.
with_sso() { [ -e "$DEV_DIR/sso" ]; }

BINARIES=${BINARIES:-${CARGO_TARGET_DIR:-$ROOT/target}/debug}

# quoted VALUE: as one word of shell.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

# --- secrets: made at the first start, then always the same

random_hex() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

make_secrets() {
    mkdir -p "$DEV_DIR"
    (
        umask 077
        {
            echo "POSTGRES_PASSWORD=$(random_hex 16)"
            echo "REDIS_PASSWORD=$(random_hex 16)"
            echo "JWT_SECRET=$(quoted "${JWT_SECRET:-$(random_hex 32)}")"
            echo "ENCRYPTION_KEY=$(quoted "${ENCRYPTION_KEY:-$(head -c 32 /dev/urandom | base64)}")"
            echo "PROXY_TOKEN=$(quoted "${PROXY_TOKEN:-$(random_hex 32)}")"
            echo "BOOTSTRAP_ADMIN_EMAIL=$(quoted "${BOOTSTRAP_ADMIN_EMAIL:-admin@example.com}")"
            echo "BOOTSTRAP_ADMIN_PASSWORD=$(quoted "${BOOTSTRAP_ADMIN_PASSWORD:-$(random_hex 10)}")"
        } >"$DEV_DIR/secrets.new"
        mv "$DEV_DIR/secrets.new" "$DEV_DIR/secrets"
    )
}

# The bootstrap key's form is the product's own affair, so the product makes it.
make_api_key() {
    grep -q '^BOOTSTRAP_API_KEY=' "$DEV_DIR/secrets" && return
    new_key=${BOOTSTRAP_API_KEY:-$("$BINARIES/control-plane" keygen)} ||
        die "control-plane keygen gave no key"
    echo "BOOTSTRAP_API_KEY=$(quoted "$new_key")" >>"$DEV_DIR/secrets"
}

# --- addresses

load_settings() {
    [ -e "$DEV_DIR/secrets" ] || make_secrets
    . "$DEV_DIR/secrets"

    CONTROL_LISTEN=${CONTROL_LISTEN:-127.0.0.1:8081}
    CONTROL_ADMIN_LISTEN=${CONTROL_ADMIN_LISTEN:-127.0.0.1:9081}
    CONTROL_GRPC_LISTEN=${CONTROL_GRPC_LISTEN:-127.0.0.1:9090}
    PROXY_LISTEN=${PROXY_LISTEN:-127.0.0.1:8080}
    PROXY_ADMIN_LISTEN=${PROXY_ADMIN_LISTEN:-127.0.0.1:9080}
    DEMO_EVERYTHING_PORT=${DEMO_EVERYTHING_PORT:-3101}
    DEMO_DUAL_PORT=${DEMO_DUAL_PORT:-3102}

    ! with_sso || SERVICES=$SERVICES_WITH_SSO
    GATEWAYOPS_URL=$(url_of "$CONTROL_LISTEN")
    GATEWAYOPS_MCP_URL=$(url_of "$PROXY_LISTEN")/mcp
}

# The addresses of what we pick ports for. The stores' may be given, else they are ours; a port of ours is picked once and kept unless someone else took it since.
load_store_urls() {
    DATABASE_URL=$(given_url DATABASE_URL)
    REDIS_URL=$(given_url REDIS_URL)
    [ ! -e "$DEV_DIR/ports" ] || . "$DEV_DIR/ports"
    alive postgres || POSTGRES_PORT=$(keep_or_pick "${POSTGRES_PORT:-}")
    alive redis || REDIS_PORT=$(keep_or_pick "${REDIS_PORT:-}")
    alive idp || IDP_PORT=$(keep_or_pick "${IDP_PORT:-}")
    printf 'POSTGRES_PORT=%s\nREDIS_PORT=%s\nIDP_PORT=%s\n' "$POSTGRES_PORT" "$REDIS_PORT" "$IDP_PORT" >"$DEV_DIR/ports"
    GATEWAYOPS_IDP_URL=http://127.0.0.1:$IDP_PORT
    DATABASE_URL=${DATABASE_URL:-postgres://gatewayops:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/gatewayops}
    REDIS_URL=${REDIS_URL:-redis://default:$REDIS_PASSWORD@127.0.0.1:$REDIS_PORT/0}
}

keep_or_pick() {
    if [ -n "$1" ] && ! port_taken "$1"; then echo "$1"; else free_port; fi
}

# given_url NAME: what the environment says, unless that is our own address, sourced from an earlier $DEV_DIR/env.
given_url() (
    [ ! -e "$DEV_DIR/secrets" ] || . "$DEV_DIR/secrets"
    eval "url=\${$1:-}"
    case $url in
        *":${POSTGRES_PASSWORD:-none yet}@"* | *":${REDIS_PASSWORD:-none yet}@"*) ;;
        *) printf %s "$url" ;;
    esac
)

# --- what was given at `up` holds for a later restart too

GIVEN='^(ALERT|BACKUP|BOOTSTRAP|CONFIG|CONTROL|COOKIE|CORS|DASHBOARD|DATABASE|DB|DEMO|EGRESS|EVENT|LOG|MCP_SERVER|METRICS|OPSGENIE|OTEL|PAGERDUTY|PROXY|PUBLIC|REDIS|RETENTION|SESSION|SHUTDOWN|SLACK|SMTP|TRUSTED)_[A-Z0-9_]*$'

remember_given() {
    for name in $(env | sed 's/=.*//' | grep -E "$GIVEN"); do
        eval "value=\$$name"
        echo "[ -n \"\${$name+given}\" ] || export $name=$(quoted "$value")"
    done >"$DEV_DIR/given"
    chmod 600 "$DEV_DIR/given"
}

recall_given() { [ ! -e "$DEV_DIR/given" ] || . "$DEV_DIR/given"; }

# --- what each process is told

export_common() {
    export REDIS_URL PROXY_TOKEN
    export PUBLIC_URL="${PUBLIC_URL:-$GATEWAYOPS_URL}"
    export PUBLIC_PROXY_URL="${PUBLIC_PROXY_URL:-$(url_of "$PROXY_LISTEN")}"
    export LOG_FORMAT="${LOG_FORMAT:-text}"
    export SHUTDOWN_GRACE="${SHUTDOWN_GRACE:-5s}"
}

export_control_plane() {
    export_common
    export DATABASE_URL JWT_SECRET ENCRYPTION_KEY CONTROL_LISTEN CONTROL_ADMIN_LISTEN CONTROL_GRPC_LISTEN
    export BOOTSTRAP_ADMIN_EMAIL BOOTSTRAP_ADMIN_PASSWORD BOOTSTRAP_API_KEY
    export COOKIE_SECURE="${COOKIE_SECURE:-false}"
    ! with_sso || export EGRESS_ALLOW_PRIVATE="${EGRESS_ALLOW_PRIVATE:-true}" # its provider is on the loopback
    export MCP_SERVER_EVERYTHING_URL="http://127.0.0.1:$DEMO_EVERYTHING_PORT/mcp"
    export MCP_SERVER_DEMO_URL="http://127.0.0.1:$DEMO_DUAL_PORT/mcp"
    export DASHBOARD_DIR="${DASHBOARD_DIR:-$ROOT/dashboard/out}"
}

export_proxy() {
    export_common
    export PROXY_LISTEN PROXY_ADMIN_LISTEN
    export CONTROL_PLANE_GRPC_URL="${CONTROL_PLANE_GRPC_URL:-http://127.0.0.1:$(port_of "$CONTROL_GRPC_LISTEN")}"
    export CONFIG_CACHE_PATH="${CONFIG_CACHE_PATH:-$DEV_DIR/proxy/config.bin}"
    export EVENT_SPOOL_DIR="${EVENT_SPOOL_DIR:-$DEV_DIR/proxy/spool}"
}
