#!/bin/sh
# apt-install.sh PACKAGE...: as root. Debian starts a service and makes a cluster for the servers it installs; ours
# are private, so both are held back, for this one install only and only where the machine has no rule of its own.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d/gatewayops.conf
held=
had_redis=$(command -v redis-server || :)
had_prometheus=$(command -v prometheus || :)

let_go() {
    rm -f "$clusters"
    [ -z "$held" ] || rm -f "$policy"
}
trap let_go EXIT
trap 'exit 130' INT TERM

if [ ! -e "$policy" ]; then
    held=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
mkdir -p "$(dirname "$clusters")"
echo 'create_main_cluster = false' >"$clusters"

apt-get update -qq
apt-get install -y --no-install-recommends "$@"

if [ -z "$had_prometheus" ] && command -v prometheus >/dev/null && command -v systemctl >/dev/null; then
    systemctl disable --quiet prometheus prometheus-node-exporter 2>/dev/null || :
fi
if [ -z "$had_redis" ] && command -v redis-server >/dev/null && command -v systemctl >/dev/null; then
    systemctl disable --quiet redis-server || : # not at the next boot either
fi
