//! A run of the load generator: its clients, each with one connection, on one thread.
//!
//! Callers take the next call as soon as they are free (closed loop) or when it is due (open loop, [`Pace`]);
//! holders keep one stream of events open after another meanwhile.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinSet, LocalSet},
    time::{sleep, timeout},
};

use super::{
    call::{Call, FIRST_ID, Fault, Message, Target, next_event},
    pace::Pace,
    process::{self, Cores, Usage},
    tally::{Measured, Report, Tally},
    wire::Wire,
};

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub target: Target,
    pub callers: usize,
    pub holders: usize,
    pub tool: String,
    pub arguments: serde_json::Value,
    /// Callers ask for the first page of the list of tools instead, which has at least so many.
    pub list_of: Option<usize>,
    /// Calls a second; `None`: as fast as the answers come.
    pub rate: Option<f64>,
    /// How many calls of the closed loop are measured; `None`: as many as fit into `duration`.
    pub requests: Option<u64>,
    pub duration: Duration,
    /// Called before the window opens.
    pub warm_up: Duration,
    pub timeout: Duration,
    /// Events of a held stream, and the time between two.
    pub events: u64,
    pub interval: Duration,
    /// The process whose CPU time and memory are read over the window.
    pub pid: Option<u32>,
}

impl Plan {
    fn call(&self) -> Call {
        match self.list_of {
            Some(at_least) => Call::list(&self.target, at_least),
            None => Call::new(&self.target, &self.tool, &self.arguments),
        }
    }
}

struct Run {
    plan: Plan,
    pace: Option<Pace>,
    tally: RefCell<Tally>,
    next_id: Cell<u64>,
    left: Cell<Option<u64>>,
    is_over: Cell<bool>,
}

/// # Errors
/// The kernel has no timer for an open loop.
pub async fn run(plan: Plan) -> anyhow::Result<Report> {
    LocalSet::new().run_until(run_here(plan)).await
}

async fn run_here(plan: Plan) -> anyhow::Result<Report> {
    let pace = plan.rate.map(|rate| Pace::new(rate, plan.warm_up + plan.duration));
    let run = Rc::new(Run {
        pace,
        tally: RefCell::default(),
        next_id: Cell::new(FIRST_ID),
        left: Cell::new(None),
        is_over: Cell::new(false),
        plan,
    });
    let mut clients = JoinSet::new();
    for _ in 0..run.plan.callers {
        clients.spawn_local(call_on(Rc::clone(&run)));
    }
    for number in 0..run.plan.holders {
        clients.spawn_local(hold_on(Rc::clone(&run), number));
    }
    let reporter = tokio::task::spawn_local(report_progress(Rc::clone(&run)));
    let (measured, ()) = tokio::try_join!(measure(&run, &mut clients), async {
        match &run.pace {
            Some(pace) => Ok(pace.run(run.plan.callers).await?),
            None => Ok(()),
        }
    })?;
    reporter.abort();
    Ok(run.tally.take().report(measured))
}

/// Opens the window after the warm-up, closes it at the end, and waits for what is still under way.
async fn measure(run: &Run, clients: &mut JoinSet<()>) -> anyhow::Result<Measured> {
    // Without one, the window is open before the first client has begun.
    if !run.plan.warm_up.is_zero() {
        sleep(run.plan.warm_up).await;
    }
    run.plan.pid.into_iter().for_each(process::forget_peak);
    let before = run.plan.pid.map(process::usage);
    let cores = Cores::now();
    let opened = Instant::now();
    run.left.set(run.plan.requests);
    run.tally.borrow_mut().open();
    match run.plan.requests {
        Some(_) => all_gone(clients).await,
        None => sleep(run.plan.duration).await,
    }
    run.tally.borrow_mut().close();
    let elapsed = opened.elapsed();
    let usage = run.plan.pid.map(process::usage).zip(before).map(|(after, before)| Usage {
        cpu_seconds: after.cpu_seconds - before.cpu_seconds,
        peak_rss_bytes: after.peak_rss_bytes,
    });
    let stolen_share = Cores::now().zip(cores).map_or(0.0, |(now, before)| now.stolen_since(before));
    run.is_over.set(true);
    all_gone(clients).await;
    Ok(Measured { elapsed, usage, stolen_share })
}

async fn all_gone(clients: &mut JoinSet<()>) {
    while clients.join_next().await.is_some() {}
}

async fn report_progress(run: Rc<Run>) {
    let started = Instant::now();
    loop {
        sleep(Duration::from_secs(10)).await;
        let tally = run.tally.borrow();
        eprintln!("load: {} s, {} ok, {} errors", started.elapsed().as_secs(), tally.ok, tally.errors());
    }
}

impl Run {
    /// When the next call is due, `None` when there is none any more.
    async fn next_call(&self) -> Option<Instant> {
        if let Some(pace) = &self.pace {
            return pace.next().await;
        }
        match self.left.get() {
            _ if self.is_over.get() => None,
            Some(0) => None,
            Some(left) => {
                self.left.set(Some(left - 1));
                Some(Instant::now())
            }
            None => Some(Instant::now()),
        }
    }

    fn next_id(&self) -> u64 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    fn fault(&self, (fault, answer): (Fault, Vec<u8>)) {
        if self.tally.borrow_mut().fault(fault) {
            let answer = String::from_utf8_lossy(&answer[..answer.len().min(400)]).into_owned();
            eprintln!("load: first {fault}: {answer}");
        }
    }
}

async fn call_on(run: Rc<Run>) {
    let mut client = Client::new(&run, run.plan.call());
    while let Some(due) = run.next_call().await {
        match client.call().await {
            Ok(_) => run.tally.borrow_mut().answer(due),
            Err(fault) => {
                run.fault(fault);
                pause_after_fault().await;
            }
        }
    }
}

async fn hold_on(run: Rc<Run>, number: usize) {
    let Plan { events, interval, holders, .. } = run.plan;
    let arguments = serde_json::json!({"events": events, "interval_ms": interval.as_millis() as u64});
    let mut client = Client::new(&run, Call::new(&run.plan.target, "stream", &arguments));
    sleep(interval.mul_f64(number as f64 / holders as f64)).await;
    while !run.is_over.get() {
        match client.call().await {
            Ok(seen) if seen.count == events && seen.is_spread(interval) => {
                run.tally.borrow_mut().stream(events)
            }
            Ok(seen) => run.fault((Fault::Events, format!("{seen:?}").into_bytes())),
            Err(fault) => {
                run.fault(fault);
                pause_after_fault().await;
            }
        }
    }
}

/// A client that was refused must not spin.
fn pause_after_fault() -> impl Future<Output = ()> {
    sleep(Duration::from_millis(10))
}

/// The progress events of one answer.
#[derive(Debug, Default)]
struct Seen {
    count: u64,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Seen {
    fn event(&mut self) {
        let now = Instant::now();
        self.count += 1;
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// Whether the events came one by one: half the time between first and last is forgiven to the network.
    fn is_spread(&self, interval: Duration) -> bool {
        let (Some(first), Some(last)) = (self.first, self.last) else { return true };
        last - first >= interval.mul_f64((self.count - 1) as f64 / 2.0)
    }
}

/// One connection, opened when it is needed and again after every fault.
struct Client<'a> {
    run: &'a Run,
    call: Call,
    wire: Option<Wire>,
    body: Vec<u8>,
}

impl<'a> Client<'a> {
    fn new(run: &'a Run, call: Call) -> Self {
        Self { run, call, wire: None, body: Vec::new() }
    }

    async fn call(&mut self) -> Result<Seen, (Fault, Vec<u8>)> {
        let limit = self.run.plan.timeout;
        let outcome = timeout(limit, self.exchange()).await.unwrap_or(Err(Fault::Timeout));
        outcome.map_err(|fault| {
            self.wire = None;
            (fault, std::mem::take(&mut self.body))
        })
    }

    async fn exchange(&mut self) -> Result<Seen, Fault> {
        let id = self.run.next_id();
        self.body.clear();
        let wire = match &mut self.wire {
            Some(wire) => wire,
            None => {
                let wire = Wire::connect(&self.run.plan.target.authority).await;
                self.wire.insert(wire.map_err(|_| Fault::Connect)?)
            }
        };
        wire.write(self.call.numbered(id)).await.map_err(|_| Fault::Closed)?;
        let head = wire.read_response_head().await.map_err(|_| Fault::Closed)?;
        let mut framing = head.framing;
        let mut seen = Seen::default();
        let mut has_result = false;
        while wire.read_body(&mut framing, &mut self.body).await.map_err(|_| Fault::Closed)? {
            if head.is_event_stream {
                has_result |= take_events(&self.call, &mut self.body, id, &mut seen)?;
            }
        }
        if head.is_event_stream {
            has_result |= take_events(&self.call, &mut self.body, id, &mut seen)?;
        }
        if head.status != 200 {
            return Err(Fault::Status(head.status));
        }
        if !head.is_event_stream {
            has_result = self.call.check(&self.body, id)? == Message::Result;
        }
        if head.closes {
            self.wire = None;
        }
        if has_result { Ok(seen) } else { Err(Fault::Malformed) }
    }
}

/// Whether the result was among the events that are whole.
fn take_events(call: &Call, body: &mut Vec<u8>, id: u64, seen: &mut Seen) -> Result<bool, Fault> {
    let mut has_result = false;
    while let Some(data) = next_event(body) {
        // A comment, sent to keep the connection alive.
        if data.is_empty() {
            continue;
        }
        match call.check(&data, id)? {
            Message::Progress => seen.event(),
            Message::Result => has_result = true,
        }
    }
    Ok(has_result)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::{
        super::upstream::{self, Counts},
        *,
    };

    /// Runs a plan, changed from the usual one, against the cheap upstream.
    async fn against_upstream(change: impl FnOnce(&mut Plan)) -> (Report, Rc<Counts>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let mut plan = Plan {
            target: Target { authority, path: "/mcp".into(), key: None },
            callers: 4,
            holders: 0,
            tool: "echo".into(),
            arguments: serde_json::json!({}),
            list_of: None,
            rate: None,
            requests: None,
            duration: Duration::from_millis(300),
            warm_up: Duration::ZERO,
            timeout: Duration::from_secs(10),
            events: 3,
            interval: Duration::from_millis(20),
            pid: None,
        };
        change(&mut plan);
        let counts = Rc::new(Counts::default());
        let report = tokio::select! {
            report = run(plan) => report.unwrap(),
            stopped = upstream::run(listener, Rc::clone(&counts)) => panic!("the upstream stopped: {stopped:?}"),
        };
        (report, counts)
    }

    #[tokio::test]
    async fn a_closed_loop_makes_as_many_calls_as_it_was_told() {
        let (report, counts) = against_upstream(|plan| plan.requests = Some(500)).await;
        assert_eq!((report.calls, report.ok, report.requests, counts.calls.get()), (500, 500, 500, 500));
        assert!(report.p50_us > 0 && report.p50_us <= report.max_us);
    }

    #[tokio::test]
    async fn lists_are_asked_for_instead_and_are_no_calls() {
        let (report, counts) = against_upstream(|plan| {
            plan.list_of = Some(4);
            plan.requests = Some(100);
        })
        .await;
        assert_eq!((report.ok, report.errors, counts.calls.get()), (100, 0, 0), "{report:?}");
    }

    #[tokio::test]
    async fn an_open_loop_keeps_its_rate_while_others_hold_streams() {
        let (report, counts) = against_upstream(|plan| {
            plan.rate = Some(1_000.0);
            plan.holders = 4;
        })
        .await;
        assert_eq!((report.errors, report.calls - report.streams), (0, 300), "{report:?}");
        assert!(report.streams >= 4 && report.stream_events == 3 * report.streams, "{report:?}");
        assert_eq!(counts.calls.get(), report.calls);
    }

    #[tokio::test]
    async fn a_slow_answer_is_a_fault_and_a_left_stream_is_cancelled() {
        let (report, counts) = against_upstream(|plan| {
            plan.tool = "stream".into();
            plan.arguments = serde_json::json!({"events": 2, "interval_ms": 60_000});
            plan.requests = Some(4);
            plan.timeout = Duration::from_millis(50);
        })
        .await;
        assert_eq!((report.ok, report.error_kinds.get("timeout")), (0, Some(&4)));
        assert!(counts.cancelled.get() >= 3, "the last one may leave with the test");
    }
}
