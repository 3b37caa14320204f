# shellcheck shell=sh
# The processes of a stack, in the order they start: how each starts, when it is ready, where it listens.

SERVICES='postgres redis everything demo control-plane proxy'
SERVICES_WITH_SSO='postgres redis everything demo idp control-plane proxy'


start_service() {
    case $1 in
        postgres)
            make_postgres "$POSTGRES_PASSWORD" createrole
            start_postgres "$POSTGRES_PORT"
            ;;
        redis) start_redis "$REDIS_PORT" "$REDIS_PASSWORD" 'appendonly yes' 'appendfsync everysec' ;;
        everything)
            (
                cd demo
                export PORT="$DEMO_EVERYTHING_PORT"
                spawn everything node --import ./loopback.mjs \
                    node_modules/@modelcontextprotocol/server-everything/dist/index.js streamableHttp
            )
            wait_ready everything 60 http_answers "http://127.0.0.1:$DEMO_EVERYTHING_PORT/mcp"
            ;;
        demo)
            (export PORT="$DEMO_DUAL_PORT" && spawn demo node demo/server.mjs)
            wait_ready demo 60 http_answers "http://127.0.0.1:$DEMO_DUAL_PORT/mcp"
            ;;
        idp)
            (export PORT="$IDP_PORT" && spawn idp tests/idp/run)
            wait_ready idp 60 http_ok "$GATEWAYOPS_IDP_URL/.well-known/openid-configuration"
            ;;
        control-plane)
            (export_control_plane && spawn control-plane "$BINARIES/control-plane" serve)
            wait_ready control-plane 60 http_ok "$(url_of "$CONTROL_ADMIN_LISTEN")/ready"
            ;;
        proxy)
            mkdir -p "$DEV_DIR/proxy/spool"
            (export_proxy && spawn proxy "$BINARIES/proxy")
            wait_ready proxy 60 http_ok "$(url_of "$PROXY_ADMIN_LISTEN")/ready"
            ;;
        *) die "no process named $1; there are: $SERVICES" ;;
    esac
}

# ours NAME: whether this stack runs it; a store whose URL was given is someone else's.
ours() {
    case $1 in
        postgres) private_postgres up ;;
        redis) private_redis up ;;
    esac
}

# listeners_of NAME: a line per address: the setting that moves it (- where we pick the port ourselves), and its port.
listeners_of() {
    case $1 in
        postgres) echo "- $POSTGRES_PORT" ;;
        redis) echo "- $REDIS_PORT" ;;
        everything) echo "DEMO_EVERYTHING_PORT $DEMO_EVERYTHING_PORT" ;;
        demo) echo "DEMO_DUAL_PORT $DEMO_DUAL_PORT" ;;
        idp) echo "- $IDP_PORT" ;;
        control-plane)
            echo "CONTROL_LISTEN $(port_of "$CONTROL_LISTEN")"
            echo "CONTROL_ADMIN_LISTEN $(port_of "$CONTROL_ADMIN_LISTEN")"
            echo "CONTROL_GRPC_LISTEN $(port_of "$CONTROL_GRPC_LISTEN")"
            ;;
        proxy)
            echo "PROXY_LISTEN $(port_of "$PROXY_LISTEN")"
            echo "PROXY_ADMIN_LISTEN $(port_of "$PROXY_ADMIN_LISTEN")"
            ;;
    esac
}

# Before anything starts: a line for each port that somebody else holds.
refuse_taken_ports() {
    taken=
    for name in $SERVICES; do
        alive "$name" && continue
        # shellcheck disable=SC2046 # pairs of words
        set -- $(listeners_of "$name")
        while [ $# -gt 0 ]; do
            if port_taken "$2"; then
                taken=yes
                elsewhere=$(free_port)
                case $1 in *_LISTEN) elsewhere=127.0.0.1:$elsewhere ;; esac
                printf 'dev: port %s of %s is taken by another program: free it, or run with %s=%s\n' \
                    "$2" "$name" "$1" "$elsewhere" >&2
            fi
            shift 2
        done
    done
    [ -z "$taken" ] || exit 1
}
