# shellcheck shell=sh
# Ports: is one taken, and which one is free.

# port_taken PORT: whether anything listens there, on any address.
port_taken() {
    if [ -r /proc/net/tcp ]; then
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
            grep -qi ":$(printf '%04X' "$1") 0*:0000 0A " # 0A: LISTEN
    else
        have lsof && lsof -nP -iTCP:"$1" -sTCP:LISTEN >/dev/null
    fi
}

# Below the range that the kernel takes outgoing ports from.
free_port() {
    while :; do
        candidate=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        port_taken "$candidate" || break
    done
    echo "$candidate"
}

# port_of HOST:PORT, url_of HOST:PORT
port_of() { echo "${1##*:}"; }
url_of() {
    case $1 in
        127.0.0.1:* | 0.0.0.0:* | '[::]:'* | '[::1]:'* | :*) echo "http://localhost:$(port_of "$1")" ;;
        *) echo "http://$1" ;;
    esac
}
