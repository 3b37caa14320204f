//! A balancer as it stands before several replicas, without affinity: each request goes to the next backend, whatever
//! its session, and on to the one after that when a backend is gone or says that it is draining. One that is draining
//! is left alone for as long as it says.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
    serve::ListenerExt,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::load::wire::split_url;

/// What one connection says to its other end alone (RFC 9110, 7.6.1), besides what `Connection` lists.
const HOP_BY_HOP: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// Serves until it is dropped.
pub struct Balancer {
    address: SocketAddr,
    round: Arc<Round>,
    server: JoinHandle<()>,
}

struct Round {
    backends: Vec<Backend>,
    turn: AtomicUsize,
}

struct Backend {
    authority: String,
    answered: AtomicU64,
    /// Since it said that it is draining.
    rests_until: Mutex<Option<Instant>>,
}

/// Why a backend has given no answer.
enum Failure {
    Refused,
    Broken(hyper::Error),
}

impl Balancer {
    /// Listens on a free port of the loopback; `backends` are URLs such as `http://127.0.0.1:8080`, whether or not
    /// anything listens there yet.
    ///
    /// # Errors
    /// A URL is none, there are none, or no port is free.
    pub fn start(backends: Vec<String>) -> Result<Self> {
        ensure!(!backends.is_empty(), "a balancer needs a backend");
        let backends = backends.iter().map(|url| Backend::new(url)).collect::<Result<_>>()?;
        let round = Arc::new(Round { backends, turn: AtomicUsize::new(0) });
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?.tap_io(|stream| {
            // An event is to leave at once; where that cannot be had it leaves a little later.
            let _ = stream.set_nodelay(true);
        });
        let service = Router::new().fallback(pass).with_state(Arc::clone(&round));
        let server = tokio::spawn(async move { drop(axum::serve(listener, service).await) });
        Ok(Self { address, round, server })
    }

    /// Where clients reach it, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers that were passed on so far, by backend, in the order they were given in.
    pub fn counts(&self) -> Vec<u64> {
        self.round.backends.iter().map(|backend| backend.answered.load(Ordering::Relaxed)).collect()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Round {
    /// All backends, from the one whose turn it is; those that rest come last.
    fn next(&self) -> Vec<&Backend> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % self.backends.len();
        let mut backends: Vec<_> =
            self.backends.iter().cycle().skip(first).take(self.backends.len()).collect();
        backends.sort_by_key(|backend| backend.rests());
        backends
    }
}

impl Backend {
    fn new(url: &str) -> Result<Self> {
        let (authority, path) = split_url(url)?;
        ensure!(path == "/", "{url} has a path");
        Ok(Self { authority, answered: AtomicU64::new(0), rests_until: Mutex::default() })
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, time: Duration) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// On a connection of its own: one that was kept could break for the only reason that it was kept.
    async fn ask(&self, head: &Parts, body: Bytes) -> std::result::Result<Response, Failure> {
        let stream = TcpStream::connect(&self.authority).await.map_err(|_| Failure::Refused)?;
        stream.set_nodelay(true).map_err(|_| Failure::Refused)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(Failure::Broken)?;
        // Ends with the answer's last byte, or when nobody wants more of it.
        tokio::spawn(connection);
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = head.uri.clone();
        *request.headers_mut() = end_to_end(head.headers.clone());
        let (mut head, body) = sender.send_request(request).await.map_err(Failure::Broken)?.into_parts();
        head.headers = end_to_end(head.headers);
        Ok(Response::from_parts(head, Body::new(body)))
    }
}

async fn pass(State(round): State<Arc<Round>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut draining = None;
    for backend in round.next() {
        match backend.ask(&head, body.clone()).await {
            Ok(answer) => {
                let Some(time) = draining_for(&answer) else {
                    backend.answered.fetch_add(1, Ordering::Relaxed);
                    return answer;
                };
                backend.rest(time);
                draining = Some(answer);
            }
            Err(Failure::Refused) => {}
            // It may have done what it was asked for: only the client can know whether to ask again.
            Err(Failure::Broken(error)) => {
                return refusal(format!("{} broke off: {error}", backend.authority));
            }
        }
    }
    draining.unwrap_or_else(|| refusal("no backend takes connections".into()))
}

/// A busy backend says no time.
fn draining_for(answer: &Response) -> Option<Duration> {
    let after = answer.headers().get(header::RETRY_AFTER)?;
    let seconds = after.to_str().ok().and_then(|after| after.parse().ok()).unwrap_or(1);
    (answer.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(Duration::from_secs(seconds))
}

fn refusal(why: String) -> Response {
    (StatusCode::BAD_GATEWAY, why).into_response()
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let listed: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_owned()))
        .collect();
    for name in HOP_BY_HOP.into_iter().chain(listed.iter().map(String::as_str)) {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        rc::Rc,
    };

    use tokio::{
        io::AsyncReadExt,
        task::{LocalSet, spawn_local},
    };

    use super::*;
    use crate::load::upstream::{Counts, run};

    /// A backend that answers every request with `answer`, or with what it got, if that is empty.
    fn backend(answer: &'static str) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).unwrap();
                let echo = format!(
                    "HTTP/1.1 200 OK\r\nX-Own: 1\r\nContent-Length: {length}\r\n\r\n{}",
                    String::from_utf8_lossy(&request[..length])
                );
                stream.write_all(if answer.is_empty() { &echo } else { answer }.as_bytes()).unwrap();
            }
        });
        format!("http://{address}")
    }

    fn http() -> reqwest::Client {
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
    }

    #[tokio::test]
    async fn requests_take_turns_and_leave_out_who_is_gone_or_draining() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let draining = "HTTP/1.1 503 Gone soon\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
        let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
        let backends = vec![backend(""), format!("http://{gone}"), backend(draining), backend(busy)];
        let balancer = Balancer::start(backends.clone()).unwrap();
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(http().get(balancer.url()).send().await.unwrap().status().as_u16());
        }
        // The fourth's refusal is no promise that another would do better.
        assert_eq!((seen, balancer.counts()), (vec![200, 503, 503, 503], vec![1, 0, 0, 3]));

        // Once it has said so it is only asked when nobody else is left.
        assert!(balancer.round.backends[2].rests());
        let asked: Vec<_> = balancer.round.next().iter().map(|backend| backend.authority.clone()).collect();
        assert!(backends[2].ends_with(&asked[3]), "{asked:?}");

        let alone = Balancer::start(backends[1..3].to_vec()).unwrap();
        let refused = http().get(alone.url()).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()),
            (503, &b"1"[..])
        );
        let none = Balancer::start(backends[1..2].to_vec()).unwrap();
        assert_eq!(http().get(none.url()).send().await.unwrap().status().as_u16(), 502);
    }

    #[tokio::test]
    async fn a_message_is_passed_on_as_it_is() {
        let balancer = Balancer::start(vec![backend("")]).unwrap();
        let answer = http()
            .post(format!("{}/mcp/a?b=c", balancer.url()))
            .header("host", "gateway.example:8443")
            .header("connection", "x-mine, keep-alive")
            .header("x-mine", "1")
            .header("mcp-session-id", "s")
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["x-own"], "1");
        let seen = answer.text().await.unwrap().to_lowercase();
        assert!(seen.starts_with("post /mcp/a?b=c http/1.1\r\n") && seen.ends_with("\r\n\r\n{}"), "{seen}");
        for line in ["host: gateway.example:8443\r\n", "mcp-session-id: s\r\n", "content-length: 2\r\n"] {
            assert_eq!(seen.matches(line).count(), 1, "{line} in {seen}");
        }
        assert!(!seen.contains("x-mine"), "{seen}");
    }

    #[tokio::test]
    async fn events_flow_one_by_one_and_end_with_the_client() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let counts = Rc::new(Counts::default());
        let served = Rc::clone(&counts);
        let test = async move {
            spawn_local(run(listener, served));
            let balancer = Balancer::start(vec![upstream]).unwrap();
            let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"stream",
                "arguments":{"events":1000,"interval_ms":100},"_meta":{"progressToken":1}}}"#;
            let began = Instant::now();
            let mut answer = http().post(balancer.url()).body(call).send().await.unwrap();
            for _ in 0..3 {
                answer.chunk().await.unwrap().unwrap();
            }
            assert!(began.elapsed() < Duration::from_secs(5), "the first events waited for the last one");
            assert_eq!(counts.cancelled.get(), 0);
            drop(answer);
            let until = Instant::now() + Duration::from_secs(5);
            while counts.cancelled.get() < 1 && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!((counts.calls.get(), counts.cancelled.get()), (1, 1));
        };
        LocalSet::new().run_until(test).await;
    }

    #[tokio::test]
    async fn who_leaves_before_the_answer_ends_the_request_as_well() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Balancer::start(vec![format!("http://{}", silent.local_addr().unwrap())]).unwrap();
        let asked = tokio::spawn(http().post(balancer.url()).body("{}").send());
        let (mut stream, _) = silent.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        asked.abort();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 4096])).await;
        assert!(matches!(end, Ok(Ok(0) | Err(_))), "{end:?}");
    }
}
