# shellcheck shell=sh
# Container images of both planes, and compose.yaml tried out with them. Needs a Docker engine and BuildKit; images that are
# tagged here already are not pulled. DOCKER is the client, if it is not the first one on the PATH.

DOCKER=${DOCKER:-docker}
IMAGES='proxy control-plane'
GIVEN=$ROOT/.dev/images # .dockerignore lets it in

# dev_images [--given]: gatewayops/proxy and gatewayops/control-plane. With --given nothing is compiled in the build: it
# takes the programs in $BINARIES and the dashboard's export as they are, where toolchain images cannot be had.
dev_images() {
    images_reason=$(no_docker) && die "no images without Docker: $images_reason"
    build_images "$@"
    tell_images
}

# dev_compose_test [--given]: builds the images and looks at them, brings up compose.yaml beside whatever else runs, has it
# answer, and takes it down again. Where there is no engine it says so and does nothing.
dev_compose_test() {
    images_reason=$(no_docker) && { say "- images and compose.yaml skipped: $images_reason"; return 0; }
    images_reason=$(no_compose) && { say "- compose.yaml skipped: $images_reason"; return 0; }
    build_images "$@"
    build_image demo --file compose/demo/Dockerfile
    check_images
    COMPOSE_PROJECT=gatewayops-test-$$
    GATEWAY_PORT=$(free_port)
    IDP_PORT=$(free_port)
    export GATEWAY_PORT IDP_PORT
    trap 'compose_gone' EXIT
    trap 'exit 130' INT TERM HUP
    step "docker compose up" compose up --detach --no-build
    step "waiting until all of it is healthy" compose_healthy
    check_hardened
    check_gateway
    trap - EXIT
    compose_gone
    say "the images and compose.yaml are good"
}

# --- Docker

# Why there is none; fails when there is.
no_docker() {
    have "$DOCKER" || { echo "there is no $DOCKER on the PATH"; return; }
    "$DOCKER" version >/dev/null 2>&1 || { echo "no engine answers ($DOCKER version says why)"; return; }
    images_major=$("$DOCKER" version --format '{{.Client.Version}}' | sed 's/\..*//')
    # Clients before 23 have BuildKit built in, later ones as a plugin.
    [ "$images_major" -lt 23 ] || "$DOCKER" buildx version >/dev/null 2>&1 || { echo "$DOCKER has no buildx, so no BuildKit"; return; }
    return 1
}

no_compose() {
    ! "$DOCKER" compose version >/dev/null 2>&1 || return 1
    ! have docker-compose || return 1
    echo "there is neither 'docker compose' nor docker-compose"
}

compose() {
    if "$DOCKER" compose version >/dev/null 2>&1; then
        "$DOCKER" compose --project-name "$COMPOSE_PROJECT" "$@"
    else
        docker-compose --project-name "$COMPOSE_PROJECT" "$@"
    fi
}

compose_gone() {
    trap '' INT TERM HUP
    say "- docker compose down --volumes"
    compose down --volumes --timeout 40 >/dev/null 2>&1 || say "  failed; docker ps --filter name=$COMPOSE_PROJECT"
}

# --- building

build_images() {
    images_programs=compiled
    for option in "$@"; do
        [ "$option" = --given ] || die "images knows --given, not $option"
        images_programs=given
        gather_given
    done
    for image in $IMAGES; do build_image "$image" --target "$image"; done
}

# Without what debuggers want, which is most of an unoptimized program.
gather_given() {
    rm -rf "$GIVEN"
    mkdir -p "$GIVEN"
    for image in $IMAGES; do
        [ -x "$BINARIES/$image" ] || die "$BINARIES/$image is not there: cargo build --release, and BINARIES=target/release"
        strip --strip-debug -o "$GIVEN/$image" "$BINARIES/$image" 2>/dev/null || cp "$BINARIES/$image" "$GIVEN/$image"
    done
    [ -e dashboard/out/index.html ] || die "dashboard/out is not there: npm run build --prefix dashboard"
    cp -R dashboard/out "$GIVEN/dashboard"
}

# build_image NAME OPTION...
build_image() {
    images_name=$1
    shift
    step "docker build of gatewayops/$images_name" env DOCKER_BUILDKIT=1 "$DOCKER" build \
        --build-arg "PROGRAMS=$images_programs" \
        --build-arg "VERSION=$(images_version)" \
        --build-arg "REVISION=$(images_revision)" \
        --tag "gatewayops/$images_name:latest" --tag "gatewayops/$images_name:$(images_version)" "$@" .
}

images_version() { sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1; }

# Of what is committed; `-dirty` when that is not what was built.
images_revision() {
    git rev-parse --verify HEAD 2>/dev/null || { echo unknown; return; }
} 

tell_images() {
    for image in $IMAGES; do
        say "  gatewayops/$image:$(images_version)  $(($(image_says "$image" '{{.Size}}') / 1000000)) MB"
    done
}

# --- what images promise

image_says() { "$DOCKER" image inspect --format "$2" "gatewayops/$1:latest"; }

# inside IMAGE COMMAND...: as compose and the chart run it, without a network.
inside() {
    inside_image=gatewayops/$1
    inside_program=$2
    shift 2
    "$DOCKER" run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \
        --entrypoint "$inside_program" "$inside_image" "$@"
}

check_images() {
    say "- looking at the images"
    tell_images
    for image in $IMAGES; do
        for label in title source version revision; do
            value=$(image_says "$image" "{{index .Config.Labels \"org.opencontainers.image.$label\"}}")
            [ -n "$value" ] && [ "$value" != unknown ] || die "gatewayops/$image has no label $label"
            say "  $image $label: $value"
        done
        case $(image_says "$image" '{{.Config.User}}') in
            [1-9]*:[1-9]*) ;;
            *) die "gatewayops/$image does not say by number who it runs as" ;;
        esac
        [ -n "$(image_says "$image" '{{.Config.Healthcheck}}')" ] || die "gatewayops/$image has no health check"
        [ "$(inside "$image" id -u)" -ne 0 ] || die "gatewayops/$image runs as root"
        ! inside "$image" touch /usr/local/bin/new 2>/dev/null || die "gatewayops/$image lets programs be written"
        [ -z "$(inside "$image" find / -xdev -perm /6000 -type f -newer /usr/local/bin/answers)" ] || die "?"
        inside "$image" "$image" --version | sed 's/^/  /'
    done
    [ "$(inside proxy stat -c %a:%u /var/lib/gatewayops)" = 700:65532 ] || die "/var/lib/gatewayops is not the proxy's own"
    inside control-plane pg_dump --version | sed 's/^/  /'
    inside control-plane test -e /app/dashboard/index.html || die "the dashboard is not in the image"
}
