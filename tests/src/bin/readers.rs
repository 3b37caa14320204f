//! People who look at pages: so many at once ask one REST question after another, in turns over the variants of each
//! endpoint, and each waits for its answer before it asks again. One JSON line an endpoint.
//! The API key comes from `GATEWAYOPS_API_KEY`; the questions from standard input, a line each: the endpoint's name and a
//! path.

use std::{
    collections::BTreeMap,
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use gatewayops_tests::load::tally::percentile;
use reqwest::Client;
use tokio::{task::JoinSet, time::sleep};

/// For one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks REST questions as so many people at once.
#[derive(Clone, Parser)]
struct Arguments {
    /// The REST interface, such as http://127.0.0.1:8081.
    rest: String,
    #[arg(long, default_value_t = 20)]
    users: usize,
    /// Seconds for each endpoint.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Seconds that a person looks at an answer before the next question.
    #[arg(long, default_value_t = 1.0)]
    pause: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let key = std::env::var("GATEWAYOPS_API_KEY")?;
    let mut questions = String::new();
    std::io::stdin().read_to_string(&mut questions)?;
    let mut endpoints: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in questions.lines().filter(|line| !line.is_empty()) {
        let (name, path) = line.split_once(' ').with_context(|| format!("{line}: a name and a path"))?;
        endpoints.entry(name).or_default().push(format!("{}{path}", arguments.rest));
    }
    let http = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let reader = Arc::new(Reader { http, key });
    for (name, urls) in endpoints {
        let urls = Arc::new(urls);
        // Not measured: each connection of the control plane plans its statements once.
        crowd(&reader, &urls, &Arguments { pause: 0.0, ..arguments.clone() }).await?;
        let mut micros = crowd(&reader, &urls, &arguments).await?;
        micros.sort_unstable();
        let [p50, p99] = [0.5, 0.99].map(|share| percentile(&micros, share));
        let slowest = micros.last().copied().unwrap_or_default();
        let line = serde_json::json!({ "phase": "year", "target": name, "calls": micros.len(),
            "p50_us": p50, "p99_us": p99, "max_us": slowest });
        println!("{line}");
    }
    Ok(())
}

/// What each answer took, in microseconds.
async fn crowd(reader: &Arc<Reader>, urls: &Arc<Vec<String>>, arguments: &Arguments) -> Result<Vec<u32>> {
    let until = Instant::now() + Duration::from_secs_f64(arguments.seconds);
    let pause = Duration::from_secs_f64(arguments.pause);
    let users_count = arguments.users;
    let mut users = JoinSet::new();
    for user in 0..arguments.users {
        let (reader, urls) = (reader.clone(), urls.clone());
        users.spawn(async move {
            let mut micros = Vec::new();
            // Nobody looks up at the same moment as all others.
            sleep(pause.mul_f64(user as f64 / users_count as f64)).await;
            for at in user.. {
                if Instant::now() >= until {
                    break;
                }
                let asked = Instant::now();
                reader.ask(&urls[at % urls.len()]).await?;
                micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                sleep(pause).await;
            }
            anyhow::Ok(micros)
        });
    }
    let mut all = Vec::new();
    while let Some(micros) = users.join_next().await {
        all.extend(micros??);
    }
    Ok(all)
}

struct Reader {
    http: Client,
    key: String,
}

impl Reader {
    async fn ask(&self, url: &str) -> Result<()> {
        let answer = self.http.get(url).bearer_auth(&self.key).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        ensure!(status == 200, "{url} answered {status}: {}", String::from_utf8_lossy(&body));
        Ok(())
    }
}
