//! Against real servers on the loopback.

use axum::{Router, body::Body, response::Redirect, routing::get};
use http::Request;
use tokio::net::TcpListener;

use super::*;

/// `http://127.0.0.1:<port>`
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

#[tokio::test]
async fn a_private_server_is_called_only_when_that_is_allowed() {
    let url = serve(Router::new().route("/", get(async || "hello"))).await;
    let answer = Egress::new(true).unwrap().get(&url).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (200, b"hello".as_slice()));

    let careful = Egress::new(false).unwrap();
    assert!(matches!(careful.get(&url).await, Err(EgressError::Url(_))), "http");
    let port = url.rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0"] {
        let outcome = careful.get(&format!("https://{host}:{port}/")).await;
        assert!(matches!(outcome, Err(EgressError::Forbidden(_))), "{host}: {outcome:?}");
    }
}

#[tokio::test]
async fn metadata_services_and_public_hosts_without_tls_are_never_called() {
    let egress = Egress::new(true).unwrap();
    for url in [
        "http://169.254.169.254/latest",
        "https://169.254.169.254/",
        "http://[fd00:ec2::254]/",
        "http://93.184.215.14/",
    ] {
        assert!(matches!(egress.get(url).await, Err(EgressError::Forbidden(_))), "{url}");
    }
    for url in
        ["ftp://example.com/", "file:///etc/passwd", "https://me:pw@example.com/", "https://", "nonsense"]
    {
        assert!(matches!(egress.get(url).await, Err(EgressError::Url(_))), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let url = serve(
        Router::new()
            .route("/", get(async || Redirect::temporary("/inside")))
            .route("/inside", get(async || "secret")),
    )
    .await;
    let outcome = Egress::new(true).unwrap().get(&url).await;
    assert!(matches!(outcome, Err(EgressError::Redirect(_))), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit_whether_it_says_its_length_or_not() {
    let stream = async || {
        let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'a'; 65_536])).take(64);
        Body::from_stream(futures::stream::iter(chunks))
    };
    let url = serve(
        Router::new()
            .route("/announced", get(async || vec![b'a'; MAX_BODY + 1]))
            .route("/streamed", get(stream))
            .route("/fits", get(async || vec![b'a'; MAX_BODY])),
    )
    .await;
    let egress = Egress::new(true).unwrap();
    for path in ["/announced", "/streamed"] {
        let outcome = egress.get(&format!("{url}{path}")).await;
        assert!(matches!(outcome, Err(EgressError::TooLong(_))), "{path}");
    }
    assert_eq!(egress.get(&format!("{url}/fits")).await.unwrap().body().len(), MAX_BODY);
}

#[tokio::test]
async fn a_server_that_trickles_is_left_in_time() {
    let trickle = async || {
        let drops = futures::stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, std::io::Error>("a"), ()))
        });
        Body::from_stream(drops)
    };
    let url = serve(Router::new().route("/", get(trickle))).await;
    let egress = Egress { total: Duration::from_millis(300), ..Egress::new(true).unwrap() };
    let outcome = egress.get(&url).await;
    assert!(matches!(outcome, Err(EgressError::TimedOut(_))), "{outcome:?}");
}

#[tokio::test]
async fn errors_hold_no_part_of_the_url_but_its_host() {
    let request = Request::get("http://127.0.0.1:1/path?secret=hush").body(Vec::new()).unwrap();
    let error = Egress::new(true).unwrap().send(request).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("127.0.0.1") && !text.contains("hush") && !text.contains("path"), "{text}");
}

#[tokio::test]
async fn a_host_that_never_answers_does_not_keep_others_from_being_called() {
    let silent = serve(Router::new().route("/", get(std::future::pending::<&str>))).await;
    let lively = serve(Router::new().route("/", get(async || "hello"))).await;
    let port = lively.rsplit_once(':').unwrap().1;
    // Another host, on the same machine.
    let lively = format!("http://localhost:{port}");
    let egress = Egress { total: Duration::from_secs(2), ..Egress::new(true).unwrap() };
    let waiting = futures::future::join_all((0..2 * AT_ONCE).map(|_| egress.get(&silent)));
    let other = async {
        while egress.turns.available_permits() == AT_ONCE {
            tokio::task::yield_now().await;
        }
        egress.get(&lively).await
    };
    let (all, other) = tokio::join!(waiting, other);
    assert!(all.iter().all(|one| matches!(one, Err(EgressError::TimedOut(_)))));
    assert_eq!(other.unwrap().body().as_slice(), b"hello");
    assert!(egress.host_turns("another").available_permits() == AT_ONCE_PER_HOST);
    assert_eq!(egress.host_turns.lock().unwrap().len(), 1, "idle hosts are forgotten");
}
