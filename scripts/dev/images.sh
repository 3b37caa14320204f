# shellcheck shell=sh
# The container images of both planes, and compose.yaml tried out with them. Needs a Docker engine and BuildKit; images that
# are tagged on this machine already are not pulled. DOCKER is the client, where it is not the first one on the PATH.

DOCKER=${DOCKER:-docker}
IMAGES='proxy control-plane'
GIVEN=$ROOT/.dev/images # .dockerignore lets it in

# dev_images [--given]: gatewayops/proxy and gatewayops/control-plane. With --given nothing is compiled in the build, where
# toolchain images cannot be had: it takes the programs in $BINARIES and the dashboard's export as they are.
dev_images() {
    ! reason=$(no_docker) || die "images need Docker: $reason"
    build_images "$@"
    tell_images
}

# dev_compose [--given]: builds the images and looks at them, brings up compose.yaml beside whatever else runs, has it
# serve, and takes it down again. Where there is no engine it says so and does nothing.
dev_compose() {
    ! reason=$(no_docker) || { say "- images and compose.yaml skipped: $reason"; return 0; }
    build_images "$@"
    check_images
    ! reason=$(no_compose) || { say "- compose.yaml skipped: $reason"; return 0; }
    build_image demo --file compose/demo/Dockerfile

    project=gatewayops-test-$$
    GATEWAY_PORT=$(free_port)
    IDP_PORT=$(free_port)
    GATEWAYOPS_VERSION=$(product_version)
    export GATEWAY_PORT IDP_PORT GATEWAYOPS_VERSION
    trap 'compose_gone' EXIT
    trap 'exit 130' INT TERM HUP
    step "docker compose up" compose_up
    step "waiting for their health" compose_healthy
    check_containers
    check_gateway
    trap - EXIT INT TERM HUP
    compose_gone
    say "the images and compose.yaml are as they should be"
}

# --- Docker

# Says why there is none; fails when there is.
no_docker() {
    have "$DOCKER" || { echo "there is no $DOCKER on the PATH"; return; }
    "$DOCKER" version >/dev/null 2>&1 || { echo "no engine answers, '$DOCKER version' says more"; return; }
    client=$("$DOCKER" version --format '{{.Client.Version}}')
    # Clients before 23 have BuildKit built in, later ones as a plugin.
    [ "${client%%.*}" -ge 23 ] || return 1
    ! "$DOCKER" buildx version >/dev/null 2>&1 || return 1
    echo "$DOCKER has no buildx, and so no BuildKit"
}

no_compose() {
    ! "$DOCKER" compose version >/dev/null 2>&1 || return 1
    ! have docker-compose || return 1
    echo "there is neither '$DOCKER compose' nor docker-compose"
}

compose() {
    if "$DOCKER" compose version >/dev/null 2>&1; then
        "$DOCKER" compose --project-name "$project" "$@"
    else
        docker-compose --project-name "$project" "$@"
    fi
}

compose_up() { compose up --detach --no-build || { compose logs --tail 5; return 1; }; }

compose_gone() {
    trap '' INT TERM HUP
    say "- docker compose down --volumes"
    compose down --volumes >/dev/null 2>&1 || say "  it failed: $DOCKER ps --all --filter name=$project"
}

# --- building

build_images() {
    programs=compiled
    for option in "$@"; do
        [ "$option" = --given ] || die "only --given is known here, not $option"
        programs=given
    done
    [ "$programs" = compiled ] || gather_given
    for image in $IMAGES; do build_image "$image" --target "$image"; done
}

# Programs without what debuggers want: most of an unoptimized one is that.
gather_given() {
    rm -rf "$GIVEN"
    mkdir -p "$GIVEN"
    for image in $IMAGES; do
        [ -x "$BINARIES/$image" ] || die "no $BINARIES/$image: cargo build, or say with BINARIES where it is"
        strip --strip-debug -o "$GIVEN/$image" "$BINARIES/$image"
    done
    [ -e dashboard/out/index.html ] || die "no dashboard/out: npm run build --prefix dashboard"
    cp -R dashboard/out "$GIVEN/dashboard"
}

# build_image NAME OPTION...
build_image() {
    name=$1
    shift
    step "docker build of gatewayops/$name" env DOCKER_BUILDKIT=1 "$DOCKER" build \
        --build-arg "PROGRAMS=$programs" \
        --build-arg "VERSION=$(product_version)" \
        --build-arg "REVISION=$(product_revision)" \
        --tag "gatewayops/$name:$(product_version)" --tag "gatewayops/$name:latest" "$@" .
}

product_version() { sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1; }

# With a mark when what is built is not what was committed.
product_revision() { git describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || echo unknown; }

tell_images() {
    for image in $IMAGES; do
        say "  gatewayops/$image:$(product_version)  $(($(image_says "$image" '{{.Size}}') / 1000000)) MB"
    done
}

# image_says NAME FORMAT
image_says() { "$DOCKER" image inspect --format "$2" "gatewayops/$1:latest"; }

# --- what the images promise

check_images() {
    say "- looking at the images"
    tell_images
    for image in $IMAGES; do
        for label in title description source version revision; do
            value=$(image_says "$image" "{{index .Config.Labels \"org.opencontainers.image.$label\"}}")
            case $value in '' | unknown) die "gatewayops/$image does not say its $label" ;; esac
            say "  $image $label: $value"
        done
        user=$(image_says "$image" '{{.Config.User}}')
        case $user in
            [1-9]*:[1-9]*) say "  $image runs as $user: $(inside "$image" id)" ;;
            *) die "gatewayops/$image does not say by number who it runs as" ;;
        esac
        [ "$(image_says "$image" '{{.Config.Healthcheck}}')" != '<nil>' ] || die "gatewayops/$image has no health check"
        ! "$DOCKER" run --rm --network none --entrypoint sh "gatewayops/$image:latest" \
            -c "echo >/usr/local/bin/$image" 2>/dev/null || die "gatewayops/$image can change itself"
        say "  $image: $(inside "$image" "$image" --version)"
    done
    inside control-plane test -e /app/dashboard/index.html || die "the image has no dashboard"
    say "  control-plane: $(inside control-plane pg_dump --version)"
}

# inside IMAGE COMMAND...: as who it says, with no more rights than compose gives.
inside() {
    inside_image=gatewayops/$1
    inside_program=$2
    shift 2
    "$DOCKER" run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \
        --entrypoint "$inside_program" "$inside_image:latest" "$@"
}

# --- what compose.yaml promises

containers() { "$DOCKER" ps --all --quiet --filter "label=com.docker.compose.project=$project"; }

compose_healthy() {
    healthy_from=$(seconds)
    while :; do
        # shellcheck disable=SC2046 # a list of ids
        waiting=$("$DOCKER" inspect --format \
            '{{.Name}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}} {{.State.ExitCode}}{{end}}' \
            $(containers) | grep -v ' healthy$\| running 0$\| exited 0$' || :)
        [ -n "$waiting" ] || return 0
        [ $(($(seconds) - healthy_from)) -lt 180 ] || break
        sleep 1
    done
    compose logs --tail 5
    say "$waiting"
    return 1
}

# What each may do. Only the one that has made the secrets is root, and has ended.
check_containers() {
    say "- looking at the containers"
    may=$DEV_DIR/logs/containers
    format='{{.Name}}: user {{.Config.User}}, read-only {{.HostConfig.ReadonlyRootfs}}'
    format="$format, without {{.HostConfig.CapDrop}}, {{.HostConfig.SecurityOpt}}, at most {{.HostConfig.Memory}} bytes"
    format="$format{{range .HostConfig.PortBindings}}{{range .}}, published at {{.HostIp}}{{end}}{{end}}"
    # shellcheck disable=SC2046 # a list of ids
    "$DOCKER" inspect --format "$format" $(containers) >"$may"
    sed 's/^/  /' "$may"
    ! grep -v 'read-only true, without \[ALL\], \[no-new-privileges:true\], at most [1-9]' "$may" >&2 ||
        die "these may do too much"
    ! grep -v '[_-]secrets[_-]' "$may" | grep -v ': user [1-9]' >&2 || die "these run as root"
    ! grep 'published at' "$may" | grep -v 'published at 127\.0\.0\.1$' >&2 || die "these are open to other machines"
}

check_gateway() {
    GATEWAYOPS_API_KEY=$(compose exec -T control-plane cat /run/gatewayops/api-key)
    BOOTSTRAP_API_KEY=$GATEWAYOPS_API_KEY # as curl_line knows it
    GATEWAYOPS_URL=http://localhost:$GATEWAY_PORT
    GATEWAYOPS_MCP_URL=$GATEWAYOPS_URL/mcp
    export GATEWAYOPS_API_KEY no_proxy='*'

    say "- a call through the balancer"
    say "  $(curl_line | sh | tail -n 1)"
    first_call || die "it was not answered"
    if [ -e tests/clients/node_modules ]; then
        use_node
        say "  $(tests/clients/run ts-v2-modern "$GATEWAYOPS_MCP_URL/demo")"
        say "  $(tests/clients/run ts-v1 "$GATEWAYOPS_MCP_URL/everything")"
    fi

    say "- events of a stream come one by one"
    # Nothing comes of ten seconds within three, unless nobody holds back what comes first.
    curl -sN -m 3 "$GATEWAYOPS_URL/v1/mcp/demo/tools/call" -H "Authorization: Bearer $GATEWAYOPS_API_KEY" \
        -H 'Content-Type: application/json' -H 'Accept: text/event-stream' \
        -d '{"name":"countdown","arguments":{"seconds":10}}' >"$DEV_DIR/logs/events" || :
    grep -q 'event: progress' "$DEV_DIR/logs/events" || die "there are none in $DEV_DIR/logs/events"

    say "- the control plane on the same port"
    curl -sf "$GATEWAYOPS_URL/" | grep -qi '<!doctype html' || die "there is no dashboard at $GATEWAYOPS_URL/"
    seen_from=$(seconds)
    until curl -sf "$GATEWAYOPS_URL/v1/traces?limit=1" -H "Authorization: Bearer $GATEWAYOPS_API_KEY" |
        grep -q '"trace_id"'; do
        [ $(($(seconds) - seen_from)) -lt 15 ] || die "the call is not among the traces"
        sleep 0.5
    done

    say "- somebody signs in at the identity provider"
    resource=$(curl -sf "$GATEWAYOPS_URL/.well-known/oauth-protected-resource/mcp/demo")
    case $resource in *"http://idp.localhost:$IDP_PORT"*) ;; *) die "clients are not sent to it: $resource" ;; esac
    # From inside: not every resolver knows that *.localhost is this machine.
    entered=$(compose exec -T -e ACCOUNT=ada idp sh -c "$(enter_script)")
    case $entered in *'"location":"/"'*) ;; *) die "ada was not let in: $entered" ;; esac

    say "- a backup"
    say "  $(compose exec -T control-plane control-plane backup | head -n 1)"

    say "- a proxy less"
    stopped=$(compose ps -q proxy-1)
    compose stop proxy-1 >/dev/null 2>&1
    "$DOCKER" inspect --format '  it ended with {{.State.ExitCode}}' "$stopped"
    first_call || die "without proxy-1 nobody answers"
}

# In the container of the provider: ada comes from the log-in page's button.
enter_script() {
    cat <<'SCRIPT'
provider=$(node -e '
    const key = require("fs").readFileSync(process.env.GATEWAYOPS_API_KEY_FILE, "utf8").trim();
    fetch(`${process.env.GATEWAYOPS_URL}/v1/sso/providers`, { headers: { authorization: `Bearer ${key}` } })
        .then(answer => answer.json()).then(({ providers: [{ id }] }) => console.log(id));
') && AUTHORIZE=$GATEWAYOPS_URL/v1/sso/authorize/$provider exec node idp/enter.mjs
SCRIPT
}
