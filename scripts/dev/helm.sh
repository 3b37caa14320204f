# shellcheck shell=sh
# The Helm chart: what Helm's own library makes of it, and whether Kubernetes, Prometheus and our programs take that.

# The library needs Python 3.12. Without one, what needs no rendering is still checked.
check_helm() {
    say "- helm chart"
    helm_python=$(python_of_helm)
    if [ -n "$helm_python" ]; then
        helm_venv=venv-helm
    else
        say "  rendering is skipped, there is no Python 3.12 or newer here (pyenv's and uv's would be found)"
        helm_python=$(command -v python3)
        helm_venv=venv-helm-syntax
    fi
    (
        # shellcheck disable=SC2329 # fill_venv calls it
        python3() { "$helm_python" "$@"; }
        python_packages "$helm_venv" helm/tests/requirements.txt
    )
    # Helm's library is a Go program: it sees the environment that Python was started with, and no later change.
    HELM_DRIVER=memory BINARIES=${BINARIES:-target/debug} \
        "$TOOLS_DIR/$helm_venv/bin/python" -B -m pytest -q -p no:cacheprovider helm/tests
}

# The newest on this machine, wherever people keep theirs; nothing when all are too old.
python_of_helm() (
    for found in \
        $(for minor in 15 14 13 12; do command -v "python3.$minor"; done) \
        "$(command -v python3)" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3 \
        "$(uv python find '>=3.12' 2>/dev/null)"; do
        # A shim may be there without anything behind it.
        if "$found" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$found"
            return
        fi
    done
)
