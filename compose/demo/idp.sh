#!/bin/sh
# The provider, and the introduction of provider and gateway to each other. The provider remembers nothing beyond its
# process, so they meet anew at each start; /tmp/joined says that they have.
set -eu
rm -f /tmp/joined
node --import=./gateway.mjs --import=./everywhere.mjs idp/server.mjs &
provider=$!
trap 'kill "$provider"' INT TERM
GATEWAYOPS_API_KEY=$(cat "$GATEWAYOPS_API_KEY_FILE")
export GATEWAYOPS_API_KEY
# What join.mjs prints is a secret; why it failed is not.
until node idp/join.mjs >/dev/null; do
    kill -0 "$provider" # nothing will become of it without
    sleep 2
done
touch /tmp/joined
wait "$provider"
