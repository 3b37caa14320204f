//! What judging costs: each detector on ordinary text, and the whole of two policies on a call of one kilobyte.
//!
//! `cargo run --release -p gatewayops-safety --example timings [FILE...]`; without files the project's README is read.

use std::{env, fs, hint::black_box, io, sync::LazyLock, time::Instant};

use gatewayops_safety::{
    finding::{Kind, Kinds, Surface},
    policy::{Direction, Place, Policies, PolicySource},
    scan::scan,
};

const README: &str = include_str!("../../README.md");
const KIB: f64 = 1024.0;

fn main() -> io::Result<()> {
    let mut text = String::new();
    for path in env::args().skip(1) {
        text.push_str(&fs::read_to_string(path)?);
    }
    if text.is_empty() {
        text = README.repeat(4);
    }
    println!("{:.0} KiB of text, microseconds a KiB of processor time (best of 3)", text.len() as f64 / KIB);
    let own = [
        Kind::Secret,
        Kind::Pii,
        Kind::CommandInjection,
        Kind::PathTraversal,
        Kind::Ssrf,
        Kind::Exfiltration,
    ];
    for kind in own {
        line(kind.as_str(), &text, Kinds::default().with(kind));
    }
    line(
        "these together",
        &text,
        Kinds::default().union(own.iter().fold(Kinds::default(), |all, &kind| all.with(kind))),
    );
    line("prompt_injection", &text, Kinds::default().with(Kind::PromptInjection));
    line("all", &text, Kinds::ALL);
    call();
    nasty();
    Ok(())
}

fn line(name: &str, text: &str, kinds: Kinds) {
    let of = |surface| {
        best(|| {
            let mut findings = Vec::new();
            // In pieces, as texts come.
            for piece in pieces(black_box(text)) {
                scan(piece, None, surface, kinds, &mut findings);
                findings.clear();
            }
        }) / (text.len() as f64 / KIB)
    };
    println!(
        "  {name:<18} {:6.2} in arguments {:6.2} in results",
        of(Surface::Arguments),
        of(Surface::Result)
    );
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(4096));
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Texts made to be slow: as much of each as is ever scanned.
fn nasty() {
    const BOUND: usize = 256 << 10;
    println!("texts made to be slow, milliseconds for {} KiB", BOUND >> 10);
    let mut slowest = (0.0, "");
    for piece in [
        "sk-",
        "ghp_",
        "ya29.",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.",
        "IQoJb3JpZ2lu",
        "key=",
        "key",
        "password:",
        "password=\"",
        "token ",
        "secret_",
        "secret_key_",
        "pass",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "://",
        "://a:",
        "://a:b@",
        "bearer ",
        "basic ",
        "basic dTpw",
        "AZDO",
        "8Q~",
        "-us",
        ":A",
        "1",
        "1 ",
        "1-",
        "(1)",
        "12-",
        "+1 2",
        "4111 1111 ",
        "DE89",
        "DE89 ",
        "1a",
        "@",
        "a@",
        "a@b.",
        "a@b.co ",
        "../",
        "..%2f",
        "; cat ",
        "$(id",
        "![](https://",
        "https://",
        "https://a/?b=",
        "https://a/?q=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8",
        "169.254.169.254 ",
        "<img src=",
        "[",
        "\"",
        "\\",
        "id",
        "'; drop ",
        "key=aB3dE5gH7jK9mN1p",
        "key=aB3dE5gH",
        "passwd=aB3!",
        "api_key: \"",
        "auth",
        "AC",
        "SK",
        "é",
    ] {
        let text = piece.repeat(BOUND / piece.len());
        for surface in [Surface::Arguments, Surface::Result] {
            let mut findings = Vec::new();
            let millis = best(|| {
                findings.clear();
                scan(&text, Some("password"), surface, Kinds::ALL, &mut findings);
            }) / 1e3;
            if millis > slowest.0 {
                slowest = (millis, piece);
            }
            if millis > 10.0 {
                println!("  {piece:<24?} {millis:6.1} ({} findings)", findings.len());
            }
        }
    }
    println!("  slowest: {:?}, {:.1}", slowest.1, slowest.0);
}

/// Two policies, both of all detectors, one with patterns of its own.
fn call() {
    let all = || Kind::ALL.map(|kind| kind.as_str().to_owned()).to_vec();
    let source = |mode: &str, block: &[&str]| PolicySource {
        mode: mode.into(),
        sensitivity: "moderate".into(),
        detectors: all(),
        directions: vec!["request".into(), "response".into()],
        mcp_servers: vec!["*".into()],
        tools: vec!["*".into()],
        block_patterns: block.iter().map(|&pattern| pattern.to_owned()).collect(),
        min_severity: "low".into(),
        ..PolicySource::default()
    };
    let (plain, _) = Policies::compile([source("block", &[]), source("redact", &[])]);
    let (patterned, _) =
        Policies::compile([source("block", &[]), source("redact", &["(?i)project\\s+falcon", "INT-\\d{6}"])]);
    let raw = arguments();
    let place = Place {
        direction: Direction::Request,
        surface: Surface::Arguments,
        server: "github",
        tool: Some("create_issue"),
    };
    println!("a call of {} bytes before two policies, microseconds", raw.len());
    for (name, policies) in [("detectors", &plain), ("and two patterns", &patterned)] {
        let verdict = policies.judge_json(&raw, &place);
        assert_eq!(verdict.action, None, "{verdict:?}");
        println!("  {name:<18} {:6.2}", judging(policies, &raw, &place));
    }
    by_detector(&raw, &place);
}

/// The same call before a policy of one detector.
fn by_detector(raw: &str, place: &Place<'_>) {
    for kind in Kind::ALL {
        let source = PolicySource {
            mode: "log".into(),
            sensitivity: "strict".into(),
            min_severity: "low".into(),
            detectors: vec![kind.as_str().into()],
            directions: vec!["request".into()],
            mcp_servers: vec!["*".into()],
            tools: vec!["*".into()],
            ..PolicySource::default()
        };
        let (policies, _) = Policies::compile([source]);
        println!("    {:<16} {:6.2}", kind.as_str(), judging(&policies, raw, place));
    }
}

fn judging(policies: &Policies, raw: &str, place: &Place<'_>) -> f64 {
    best(|| {
        for _ in 0..200 {
            black_box(policies.judge_json(black_box(raw), place));
        }
    }) / 200.0
}

fn arguments() -> String {
    let body = "The importer drops rows whose date has no time zone.\n\nSteps:\n1. export the list as CSV\n2. open it in the \
                editor, remove the zone from line 12 and save\n3. import it again\n\nExpected: the row is read in the zone of \
                the workspace, as the help page says. Actual: the row is gone and the summary counts it as read. We saw this \
                first after the update of last week; before that the row was kept. A list of the rows we know of is attached.";
    serde_json::json!({
        "owner": "acme", "repo": "importer", "title": "Rows without a time zone are dropped", "body": body,
        "labels": ["bug", "import", "needs-triage"], "assignees": ["ada", "grace"], "milestone": 14,
        "fields": [{ "name": "priority", "value": "high" }, { "name": "component", "value": "csv reader" }],
        "links": ["https://acme.atlassian.net/browse/IMP-214", "https://acme.io/help/import#zones"],
        "draft": false, "comment": "Please keep the file until this is closed.",
    })
    .to_string()
}

/// Of three rounds the fastest. The clock is coarse: a round lasts long enough for it.
fn best(mut work: impl FnMut()) -> f64 {
    const ROUND: f64 = 60_000.0;
    let rounds = (0..3).map(|_| {
        let started = cpu_micros();
        let mut times = 0.0;
        loop {
            work();
            times += 1.0;
            let spent = cpu_micros() - started;
            if spent >= ROUND {
                return spent / times;
            }
        }
    });
    rounds.fold(f64::INFINITY, f64::min)
}

/// Time that this thread had a processor, which others who want one do not lengthen.
fn cpu_micros() -> f64 {
    let nanos = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = nanos.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or_else(|| STARTED.elapsed().as_secs_f64() * 1e9) / 1e3
}

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
