# shellcheck shell=sh
# A Redis of our own: on the loopback only, with a password, every write in its append-only file.

# start_redis PORT PASSWORD SETTING...: each setting is a line of redis.conf.
start_redis() {
    redis_port=$1
    redis_password=$2
    shift 2
    redis_user=redis
    id redis >/dev/null 2>&1 || redis_user=postgres
    store_home redis "$redis_user"
    (
        cd -P "$DEV_DIR/redis"
        umask 077
        printf '%s\n' "port $redis_port" 'bind 127.0.0.1' "requirepass $redis_password" "dir \"$PWD\"" 'save ""' "$@" \
            >redis.conf
        [ "$(id -u)" -ne 0 ] || chown "$redis_user" redis.conf
        # shellcheck disable=SC2046 # no words when we are not root
        spawn redis $(as_user "$redis_user") redis-server "$PWD/redis.conf"
    )
    wait_ready redis 60 redis_answers
}

redis_answers() {
    [ "$(REDISCLI_AUTH=$redis_password redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null)" = PONG ]
}
