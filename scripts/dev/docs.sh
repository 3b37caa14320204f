# shellcheck shell=sh
# The documentation: what its pages name (links, commands, settings, metrics, REST paths, alerts, log lines) is there.

check_docs() {
    say "- documentation"
    python3 -B docs/check || die "the documentation names what is not there, see above"
}
