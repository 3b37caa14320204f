#!/bin/sh
# The chart's Grafana dashboards as files in /dashboards: the same ones, by Helm, from the same few words.
set -eu
export HOME=/tmp
helm template gatewayops /chart --show-only templates/monitoring/dashboards.yaml \
    --set metrics.dashboards.enabled=true,publicUrl=http://localhost,postgres.enabled=true,redis.enabled=true >/tmp/maps.yaml
# A ConfigMap each, with one file in it: its name, then its lines, four spaces further in.
awk '
    /^  gatewayops-[a-z-]*\.json: \|/ { file = "/dashboards/" substr($1, 1, length($1) - 1); printf "" >file; next }
    /^    / && file { print substr($0, 5) >file; next }
    { file = "" }
' /tmp/maps.yaml
ls /dashboards
