# The images of both planes; `./dev images` builds them with their version and revision:
#
#   docker build --target proxy --tag gatewayops/proxy .
#   docker build --target control-plane --tag gatewayops/control-plane .
#
# With --build-arg PROGRAMS=given nothing is compiled here: programs and dashboard are taken as `./dev images --given` has
# laid them out below .dev/images, on machines that cannot pull the toolchains. Needs BuildKit, which leaves out the
# stages that nobody asks for.

ARG PROGRAMS=compiled
ARG DEBIAN=debian:bookworm-slim
ARG RUST=rust:1.95.0-bookworm
ARG NODE=node:24.19.0-bookworm-slim
# Whose pg_dump and pg_restore the control plane has: they must not be older than the server that is backed up.
ARG POSTGRES=postgres:17-bookworm


FROM ${RUST} AS programs-compiled
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
COPY proto proto
COPY safety safety
COPY telemetry telemetry
COPY migrations migrations
COPY proxy proxy
COPY control-plane control-plane
# Not built, but Cargo wants to see every member of the workspace.
COPY tests tests
ARG REVISION=unknown
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    GIT_REVISION=${REVISION} cargo build --release --locked -p gatewayops-proxy -p gatewayops-control-plane \
    && mkdir /programs \
    && for program in proxy control-plane; do strip --strip-debug -o /programs/$program target/release/$program; done

FROM scratch AS programs-given
COPY .dev/images/proxy .dev/images/control-plane /programs/

FROM programs-${PROGRAMS} AS programs


FROM ${NODE} AS dashboard-compiled
WORKDIR /dashboard
COPY dashboard/package.json dashboard/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY dashboard ./
RUN npm run build

FROM scratch AS dashboard-given
COPY .dev/images/dashboard /dashboard/out

FROM dashboard-${PROGRAMS} AS dashboard


# The two programs and the library of theirs; what that wants in turn comes from Debian, below.
FROM ${POSTGRES} AS postgres-client
RUN mkdir -p /client/bin /client/lib \
    && cp /usr/lib/postgresql/*/bin/pg_dump /usr/lib/postgresql/*/bin/pg_restore /client/bin/ \
    && cp -L "$(ldd /client/bin/pg_dump | awk '/libpq\.so/ { print $3 }')" /client/lib/


# What both planes stand on. Nothing is written but what is below /var/lib/gatewayops and /tmp, so the rest may be
# read-only. The number is the one of the Helm chart.
FROM ${DEBIAN} AS plane
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 gatewayops \
    && useradd --uid 65532 --gid 65532 --home-dir /var/lib/gatewayops --no-create-home --shell /usr/sbin/nologin gatewayops \
    && install -d -o 65532 -g 65532 -m 0700 /var/lib/gatewayops
COPY compose/answers /usr/local/bin/
STOPSIGNAL SIGTERM


FROM plane AS proxy
COPY --from=programs /programs/proxy /usr/local/bin/
USER 65532:65532
EXPOSE 8080 9080
# Whether it lives. Whether it is ready depends on others, too, and nobody should be restarted for that.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["answers", "9080", "/health"]
ENTRYPOINT ["proxy"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="GatewayOps proxy" \
    org.opencontainers.image.description="The data plane of GatewayOps, the enterprise gateway for the Model Context Protocol" \
    org.opencontainers.image.source="https://github.com/gatewayops/gatewayops" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"


FROM plane AS control-plane
COPY --from=postgres-client /client /usr/local/
# The last two lines are a test: each ends with an error if a library is missing.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgssapi-krb5-2 libldap-2.5-0 liblz4-1 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65532 -g 65532 -m 0700 /var/lib/gatewayops/backups \
    && ldconfig \
    && pg_dump --version \
    && pg_restore --version
COPY --from=dashboard /dashboard/out /app/dashboard
COPY --from=programs /programs/control-plane /usr/local/bin/
USER 65532:65532
EXPOSE 8081 9081 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["answers", "9081", "/health"]
ENTRYPOINT ["control-plane"]
CMD ["serve"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="GatewayOps control plane" \
    org.opencontainers.image.description="The control plane of GatewayOps, the enterprise gateway for the Model Context Protocol, and its dashboard" \
    org.opencontainers.image.source="https://github.com/gatewayops/gatewayops" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
