//! What the scripts of `./dev` take for gone is gone.

use anyhow::Result;
use gatewayops_tests::stack::root;
use serde_json::json;
use tokio::process::Command;

use crate::scripts::said;

/// A process whose first thread has ended is a zombie, and holds its ports until the last one has.
const ENDING: &str = r#"
import ctypes, sys, threading
go = threading.Thread(target=lambda: sys.stdin.read())
go.start()
ctypes.CDLL(None).pthread_exit(None)
"#;

/// `$1` is its program. Prints what is thought of it while a thread runs, and after that.
const ASKS: &str = r#"
have() { command -v "$1" >/dev/null; }
. scripts/dev/process.sh
DEV_DIR=$(mktemp -d)
mkdir "$DEV_DIR/pids"
mkfifo "$DEV_DIR/held"
exec 3<>"$DEV_DIR/held"
python3 -c "$1" <"$DEV_DIR/held" 3<&- &
echo "$! $(started "$!")" >"$DEV_DIR/pids/it"
until grep -q ') Z ' "/proc/$!/stat"; do sleep 0.05; done
before=$(alive it && echo true || echo false)
exec 3<&-
until ! alive it; do sleep 0.05; done
echo "{ \"before\": $before }"
rm -r "$DEV_DIR"
"#;

#[tokio::test]
async fn a_process_is_gone_when_its_last_thread_is() -> Result<()> {
    let mut asking = Command::new("sh");
    asking.current_dir(root()).args(["-ec", ASKS, "sh", ENDING]).kill_on_drop(true);
    assert_eq!(said(asking).await?, json!({ "before": true }));
    Ok(())
}
