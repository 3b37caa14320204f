# shellcheck shell=sh
# Fuzzing with libFuzzer and the stable compiler. Seeds are in proxy/fuzz/corpus; what a run learns beyond them stays
# in $DEV_DIR/fuzz/TARGET for the next one, and what it finds is in $DEV_DIR/fuzz/found.

# The first five are what `cargo fuzz` asks for, without a sanitizer: none of our code is unsafe. The last one leaves
# comparisons of texts to memcmp, where libFuzzer watches them: it learns the words that the code looks for.
FUZZ_FLAGS='--cfg fuzzing -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Cllvm-args=-max-loads-per-memcmp=0'

# What libFuzzer exits with when somebody ends it.
FUZZ_INTERRUPTED=72

dev_fuzz() {
    fuzz_target='' fuzz_input='' fuzz_seconds=600
    while [ $# -gt 0 ]; do
        case $1 in
            --seconds)
                fuzz_seconds=${2:-}
                shift
                ;;
            --seconds=*) fuzz_seconds=${1#*=} ;;
            -*) die "fuzz takes a target, an input to replay, and --seconds N; not $1" ;;
            *) if [ -z "$fuzz_target" ]; then fuzz_target=$1; else fuzz_input=$(from_caller "$1"); fi ;;
        esac
        shift
    done
    case $fuzz_seconds in '' | 0 | *[!0-9]*) die "--seconds takes a number" ;; esac
    [ -z "$fuzz_target" ] || [ -e "proxy/fuzz/src/bin/$fuzz_target.rs" ] ||
        die "no fuzz target $fuzz_target; there are: $(fuzz_targets | tr '\n' ' ')"
    [ -z "$fuzz_input" ] || [ -f "$fuzz_input" ] || die "no such input: $fuzz_input"

    install_for build
    fuzz_host=$(rustc -vV | sed -n 's/^host: //p')
    fuzz_target_dir=${CARGO_TARGET_DIR:-$ROOT/target}
    step "building the fuzz targets (minutes at first: all dependencies are built with them)" fuzz_build
    if [ -n "$fuzz_input" ]; then
        fuzz_replay "$fuzz_target" "$fuzz_input"
    else
        fuzz_run "${fuzz_target:-$(fuzz_targets)}"
    fi
}

fuzz_targets() { for file in proxy/fuzz/src/bin/*.rs; do basename "$file" .rs; done; }

from_caller() { case $1 in /*) echo "$1" ;; *) echo "$from/$1" ;; esac }

# The target is named so that the flags are not those of build scripts, which have no fuzzer to report to.
fuzz_build() {
    RUSTFLAGS=$FUZZ_FLAGS CARGO_TARGET_DIR=$fuzz_target_dir \
        cargo build --manifest-path proxy/fuzz/Cargo.toml --locked --release --target "$fuzz_host"
}

# fuzz_run TARGETS: one after another; all of them run, whatever the ones before have found.
fuzz_run() {
    fuzz_failed=''
    for name in $1; do fuzz_one "$name" || fuzz_failed="$fuzz_failed $name"; done
    [ -z "$fuzz_failed" ] || die "something was found by:$fuzz_failed"
}

fuzz_one() {
    fuzz_log=$DEV_DIR/logs/fuzz-$1.log
    mkdir -p "$DEV_DIR/logs" "$DEV_DIR/fuzz/$1" "$DEV_DIR/fuzz/found"
    say "- fuzzing $1 for $fuzz_seconds s; log: $fuzz_log"
    : >"$fuzz_log"
    fuzz_heartbeat "$(seconds)" &
    fuzz_beating=$!
    fuzz_status=0
    "$fuzz_target_dir/$fuzz_host/release/$1" -max_total_time="$fuzz_seconds" -timeout=10 -print_final_stats=1 \
        -dict=proxy/fuzz/words.dict -artifact_prefix="$DEV_DIR/fuzz/found/$1-" \
        "$DEV_DIR/fuzz/$1" "proxy/fuzz/corpus/$1" </dev/null >"$fuzz_log" 2>&1 || fuzz_status=$?
    kill "$fuzz_beating" 2>/dev/null || :
    say "  $(fuzz_progress)"
    [ "$fuzz_status" -ne "$FUZZ_INTERRUPTED" ] || exit 130
    [ "$fuzz_status" -ne 0 ] || return 0
    fuzz_tell "$1" >&2
    return 1
}

# The last line of the log that says how far it has come.
fuzz_progress() {
    sed -n 's/^#\([0-9]*\).* cov: \([0-9]*\) ft: \([0-9]*\) corp: \([0-9]*\).*/\1 runs, \2 places reached, \4 inputs kept/p' \
        "$fuzz_log" | tail -n 1
}

fuzz_heartbeat() {
    while sleep 30 >/dev/null 2>&1 9>&-; do
        kill -0 $$ 2>/dev/null || exit 0
        say "  … $(($(seconds) - $1)) s: $(fuzz_progress)"
    done
}

fuzz_tell() {
    found=$(sed -n 's/.*Test unit written to //p' "$fuzz_log" | tail -n 1)
    sed -n '/panicked at/,/^note: \|^==/p' "$fuzz_log" | grep -v '^note: \|^==' | cut -c 1-1000 | head -n 20
    [ -n "$found" ] || {
        tail -n 20 "$fuzz_log"
        say "dev: $1 ended with $fuzz_status and left no input; log: $fuzz_log"
        return
    }
    say "dev: $1 found an input: $found"
    say "dev: replay it with ./dev fuzz $1 $found"
    say "dev: once it is mended, keep it: cp $found proxy/fuzz/corpus/$1/ under a name that says what it is"
}

fuzz_replay() {
    say "- replaying $2"
    RUST_BACKTRACE=1 "$fuzz_target_dir/$fuzz_host/release/$1" -timeout=10 "$2" || die "$1 still fails on $2"
    say "  nothing happened"
}
