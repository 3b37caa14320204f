#!/bin/sh
# secrets.sh make: the secrets of compose.yaml, at its first start only. Each is a file in the volume of those who need it,
# below /secrets here, and in no other: a proxy knows neither the database nor what seals its contents.
# secrets.sh show: how to get in.
set -eu
umask 022 # whoever has the volume reads it, under any number
cd /secrets

# keep FILE COMMAND...: what the command prints, unless the file is there. A start that is interrupted leaves no half.
keep() {
    file=$1
    shift
    [ -e "$file" ] || { "$@" >"$file.new" && mv "$file.new" "$file"; }
}

hex() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
sealing_key() { head -c 32 /dev/urandom | base64; }

make() {
    keep postgres/superuser-password hex 16
    keep postgres/password hex 16
    keep redis/password hex 16
    keep grafana/admin-password hex 10
    keep control-plane/jwt-secret hex 32
    keep control-plane/encryption-key sealing_key
    keep control-plane/proxy-token hex 32
    keep control-plane/admin-password hex 10
    keep control-plane/api-key control-plane keygen

    # The rest says the same in other words.
    printf 'postgres://gatewayops:%s@postgres/gatewayops\n' "$(cat postgres/password)" >control-plane/database-url
    printf 'redis://default:%s@redis/0\n' "$(cat redis/password)" | tee proxy/redis-url >control-plane/redis-url
    cp control-plane/proxy-token proxy/proxy-token
    cp control-plane/api-key demo/api-key
    { cat redis.conf && printf 'requirepass %s\n' "$(cat redis/password)"; } >redis/redis.conf
}

show() {
    key=$(cat control-plane/api-key)
    cat <<SCREEN

  Dashboard  $PUBLIC_URL
             $BOOTSTRAP_ADMIN_EMAIL  $(cat control-plane/admin-password)
             or "Test provider", account ada or ben, password "password"
  MCP        $PUBLIC_URL/mcp/demo  $PUBLIC_URL/mcp/everything
  API key    $key
  Grafana    $GRAFANA_URL  admin  $(cat grafana/admin-password)  (with --profile observability)

  From Claude Code:

claude mcp add --transport http demo $PUBLIC_URL/mcp/demo --header "Authorization: Bearer $key"

SCREEN
}

"$1"
