# shellcheck shell=sh
# The dashboard: checked, and exported to dashboard/out, which the control plane serves.

EXPORT_SUM=dashboard/node_modules/.exported # of what it was exported from

# Once for each state of its sources.
build_dashboard() {
    npm_packages dashboard
    ! [ -e dashboard/out/index.html ] || [ "$(cat "$EXPORT_SUM" 2>/dev/null)" != "$(dashboard_sum)" ] || return 0
    step "npm run build in dashboard" npm run build --prefix dashboard --silent
    dashboard_sum >"$EXPORT_SUM"
}

dashboard_sum() {
    find dashboard -type f -not -path '*/node_modules/*' -not -path '*/.next/*' -not -path dashboard/out/'*' \
        -not -name next-env.d.ts -exec cksum {} + | LC_ALL=C sort | cksum
}

check_dashboard() {
    npm_packages dashboard
    say "- npm run check in dashboard"
    npm run check --prefix dashboard --silent
    cp dashboard/lib/api/schema.ts "$DEV_DIR/schema.ts"
    gen_dashboard
    cmp "$DEV_DIR/schema.ts" dashboard/lib/api/schema.ts || die "dashboard/lib/api/schema.ts was stale: commit it as it is now"
}

gen_dashboard() {
    npm_packages dashboard
    npm run gen --prefix dashboard --silent >/dev/null
}

# Pictures of every page in dashboard/test-results/look, and what axe says of them: of the stack that is up.
dev_look() {
    [ -e "$DEV_DIR/env" ] || die "nothing is up in $DEV_DIR: ./dev up --detach"
    use_node
    npm_packages dashboard
    . "$DEV_DIR/env"
    export BASE_URL="$GATEWAYOPS_URL" LOGIN_EMAIL="$GATEWAYOPS_ADMIN_EMAIL" LOGIN_PASSWORD="$GATEWAYOPS_ADMIN_PASSWORD"
    step "making real calls, so that pages have something to show" node dashboard/e2e/fill.mjs
    (cd dashboard && node e2e/look.mjs "$@")
}
