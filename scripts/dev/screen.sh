# shellcheck shell=sh
# What a developer needs once everything runs: one screen for people, $DEV_DIR/env for scripts.

write_env() {
    (
        umask 077
        for name in GATEWAYOPS_URL GATEWAYOPS_MCP_URL DATABASE_URL REDIS_URL; do
            eval "echo \"export $name=\$(quoted \"\$$name\")\""
        done >"$DEV_DIR/env.new"
        {
            echo "export GATEWAYOPS_API_KEY=$(quoted "$BOOTSTRAP_API_KEY")"
            echo "export GATEWAYOPS_ADMIN_EMAIL=$(quoted "$BOOTSTRAP_ADMIN_EMAIL")"
            echo "export GATEWAYOPS_ADMIN_PASSWORD=$(quoted "$BOOTSTRAP_ADMIN_PASSWORD")"
            echo "export DEMO_SERVERS='everything demo'"
            ! with_sso || echo "export GATEWAYOPS_IDP_URL=$(quoted "$GATEWAYOPS_IDP_URL")"
        } >>"$DEV_DIR/env.new"
        mv "$DEV_DIR/env.new" "$DEV_DIR/env"
    )
}

# A whole call in the 2026-07-28 way: no session, what the headers say is in the body too.
curl_line() {
    cat <<CURL
curl -s $GATEWAYOPS_MCP_URL/demo -H 'Authorization: Bearer $BOOTSTRAP_API_KEY' \\
  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
  -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: add' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":40,"b":2},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"curl","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}'
CURL
}

# The printed line itself is what shows that the product works.
first_call() { curl_line | no_proxy='*' sh | grep -q '"sum":42'; }

print_screen() {
    cat <<SCREEN

  Dashboard  $GATEWAYOPS_URL
             $BOOTSTRAP_ADMIN_EMAIL  $BOOTSTRAP_ADMIN_PASSWORD
  MCP        $GATEWAYOPS_MCP_URL/demo  $GATEWAYOPS_MCP_URL/everything
  API key    $BOOTSTRAP_API_KEY

  Call a tool:

$(curl_line)

  From Claude Code:

claude mcp add --transport http demo $GATEWAYOPS_MCP_URL/demo --header "Authorization: Bearer $BOOTSTRAP_API_KEY"

SCREEN
    ! with_sso || print_sso
    cat <<SCREEN
  In scripts: . $DEV_DIR/env     Logs: ./dev logs NAME     Stop: ./dev down

SCREEN
}

# How to get in without any of the above: the provider's accounts, in the browser and from a client that signs in.
print_sso() {
    cat <<SSO
  Single sign-on: "Test provider" at $GATEWAYOPS_URL/login, account ada or ben, password "password". Whoever
  has been there once can also be signed in by an MCP client, which needs no key:

claude mcp add --transport http demo $GATEWAYOPS_MCP_URL/demo

SSO
}
