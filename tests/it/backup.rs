//! What was backed up while everything ran is the same elsewhere: every answer, who may see which row, and the audit
//! chain.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use gatewayops_tests::stack::{Stack, binary, fresh_database};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Connection;
use tokio::process::Command;

mod bucket;

/// What says when it was asked, or who is up right now, and not what is stored.
const OF_THE_MOMENT: [&str; 7] = [
    "verified_at",
    "last_used_at",
    "last_seen_at",
    "health_checked_at",
    "health_latency_ms",
    "last_active_at",
    "projected",
];
/// What Redis counts, and how the proxies are at the moment, is not in the database.
const IN_REDIS: [&str; 2] = ["/v1/rate-limits/usage", "/v1/metrics/realtime"];
/// Objects of one kind that are looked at one by one.
const OF_A_KIND: usize = 5;

/// `control-plane` with these arguments on that database.
fn control_plane(stack: &Stack, database_url: &str, arguments: &[&str]) -> Result<Command> {
    const NEEDED: [&str; 4] = ["REDIS_URL", "JWT_SECRET", "ENCRYPTION_KEY", "PROXY_TOKEN"];
    const OF_BACKUPS: [&str; 6] = [
        "BACKUP_URL",
        "AWS_ENDPOINT_URL",
        "AWS_ALLOW_HTTP",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    let mut command = Command::new(binary("control-plane")?);
    command.args(arguments).env_clear().env("DATABASE_URL", database_url).kill_on_drop(true);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(NEEDED.map(|name| (name, stack.setting(name))));
    command.envs(OF_BACKUPS.map(|name| (name, stack.setting(name))));
    Ok(command)
}

/// Whether it succeeded, and all that it said.
async fn run(mut command: Command) -> Result<(bool, String)> {
    let output = command.output().await?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((output.status.success(), said.concat()))
}

async fn back_up(stack: &Stack, to: &Path) -> Result<String> {
    let to = to.to_str().context("a path")?;
    let backup = control_plane(stack, stack.setting("DATABASE_URL"), &["backup", "--to", to])?;
    let (succeeded, said) = run(backup).await?;
    ensure!(succeeded, "{said}");
    Ok(said)
}

async fn add(stack: &Stack, path: &str, form: Value) -> Result<Value> {
    let made = stack.rest_post(path, form).await?;
    ensure!(matches!(made.status, 200 | 201), "{path}: {made:?}");
    Ok(made.body)
}

/// One of everything, by the ways that people and agents have.
async fn furnish(stack: &Stack) -> Result<()> {
    let team = add(stack, "/v1/teams", json!({ "name": "Payments" })).await?;
    let role = add(stack, "/v1/roles", json!({ "name": "caller", "permissions": ["mcp:*"] })).await?;
    let people = stack.rest("/v1/users").await?;
    let admin = &people.body["users"][0]["id"];
    add(stack, "/v1/role-assignments", json!({ "user_id": admin, "role_id": role["id"] })).await?;
    let team_id = team["id"].as_str().context("a team")?;
    add(stack, &format!("/v1/teams/{team_id}/members"), json!({ "user_id": admin })).await?;
    add(stack, "/v1/users/invite", json!({ "email": "new@example.com" })).await?;
    add(stack, "/v1/api-keys", json!({ "name": "agent", "team_id": team_id })).await?;
    let priced = json!({ "name": "priced", "url": stack.setting("MCP_SERVER_DEMO_URL"),
        "auth": { "type": "bearer", "token": "a credential that is sealed" },
        "pricing": { "per_call": "0.000001", "per_input_token": "0.000000000001" } });
    add(stack, "/v1/mcp-servers", priced).await?;
    let rule = json!({ "mcp_server": "demo", "tool_name": "echo", "classification": "safe" });
    add(stack, "/v1/tool-classifications", rule).await?;
    let rule = json!({ "subject_type": "user", "subject_id": admin, "mcp_server": "*", "tool_name": "*" });
    add(stack, "/v1/tool-permissions", rule).await?;
    let rule = json!({ "name": "each", "scope_type": "user", "limit": 1_000_000 });
    add(stack, "/v1/rate-limits", rule).await?;
    let budget = json!({ "name": "month", "scope_type": "organization", "amount": "500" });
    add(stack, "/v1/budgets", budget).await?;
    add(stack, "/v1/safety-policies", json!({ "name": "custom" })).await?;
    let exporter = json!({ "name": "later", "endpoint": "https://otel.example.com:4317", "enabled": false,
        "headers": { "x-api-key": "sealed, too" } });
    add(stack, "/v1/telemetry/exporters", exporter).await?;
    let asked = json!({ "mcp_server": "demo", "tool_name": "echo", "arguments": {}, "reason": "test" });
    add(stack, "/v1/approvals", asked).await?;
    stack
        .until("the proxy knows the server", async |stack| {
            Ok(stack.call("priced", "now", json!({})).await?.is_success())
        })
        .await?;
    for n in 0..12 {
        let called = stack.call("priced", "echo", json!({ "text": n.to_string() })).await?;
        ensure!(called.is_success(), "{called:?}");
    }
    stack.call("demo", "no_such_tool", json!({})).await?;
    let secret = json!({ "text": "ghp_1B2m3K4n5P6q7R8s9T0uVwXyZaBcDe0bNzBY" });
    stack.call("demo", "echo", secret).await?;
    stack.traces("mcp_server=priced&tool_name=echo", 12).await?;
    stack
        .until("the detection is on record", async |stack| {
            Ok(stack.rest("/v1/safety/detections").await?.body["detections"][0].is_object())
        })
        .await
}

/// The fixed time that reports are about: else each is about another.
struct Window {
    start: String,
    end: String,
}

impl Window {
    fn until(end: DateTime<Utc>) -> Self {
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        Self { start: text(end - Duration::days(2)), end: text(end) }
    }
}

/// The GET routes that only read, with what is asked of them.
async fn routes(stack: &Stack, window: &Window) -> Result<Vec<(String, String)>> {
    let document = stack.rest("/openapi.json").await?.body;
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().context("no paths")? {
        let route = &methods["get"];
        let is_public = route["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
        if route.is_null()
            || is_public
            || IN_REDIS.contains(&path.as_str())
            || path.ends_with("/export")
            || path.ends_with("/stream")
            || path.ends_with("/payload")
        // nothing is kept of these calls
        {
            continue;
        }
        let takes =
            |name: &str| route["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == name);
        let mut query = String::from("?");
        if takes("start_time") {
            query += &format!("start_time={}&end_time={}&", window.start, window.end);
        }
        if takes("cursor") {
            query += "limit=200";
        }
        routes.push((path.clone(), query));
    }
    Ok(routes)
}

/// Every answer of REST by what was asked, without what is of the moment.
async fn view(stack: &Stack, window: &Window) -> Result<BTreeMap<String, Value>> {
    let mut view = BTreeMap::new();
    let (single, by_id): (Vec<_>, Vec<_>) =
        routes(stack, window).await?.into_iter().partition(|(path, _)| !path.contains('{'));
    for (path, query) in single {
        look(stack, &mut view, format!("{path}{query}")).await?;
    }
    for (path, query) in by_id {
        let (list, rest) = path.split_once("/{").context("a parameter")?;
        let (parameter, rest) = rest.split_once('}').context("a parameter")?;
        ensure!(!rest.contains('{'), "{path} has two parameters: this walk does not know it");
        let listed: Vec<_> = view
            .iter()
            .filter(|(asked, _)| asked.split('?').next() == Some(list))
            .flat_map(|(_, answer)| answer["body"].as_object().into_iter().flatten())
            .filter_map(|(_, rows)| rows.as_array())
            .flatten()
            .filter_map(|row| row[parameter].as_str().map(str::to_owned))
            .take(OF_A_KIND)
            .collect();
        for id in listed {
            look(stack, &mut view, format!("{list}/{id}{rest}{query}")).await?;
        }
    }
    Ok(view)
}

async fn look(stack: &Stack, view: &mut BTreeMap<String, Value>, target: String) -> Result<()> {
    let mut answer = stack.rest(&target).await?;
    ensure!(answer.status < 500, "{target}: {answer:?}");
    forget_the_moment(&mut answer.body);
    view.insert(target, json!({ "status": answer.status, "body": answer.body }));
    Ok(())
}

fn forget_the_moment(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OF_THE_MOMENT.contains(&name.as_str()) && name != "request_id");
            fields.values_mut().for_each(forget_the_moment);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_the_moment),
        _ => {}
    }
}

/// Rows as text, in the order of their bytes.
async fn exports(stack: &Stack) -> Result<Vec<String>> {
    let mut exports = Vec::new();
    for path in ["/v1/traces/export?format=csv", "/v1/costs/export?format=csv"] {
        let answer = stack.rest_as(&stack.key, Method::GET, path).send().await?.error_for_status()?;
        exports.push(answer.text().await?);
    }
    Ok(exports)
}

/// Who may do what in a database: policies, grants, owners, triggers.
async fn rights(database_url: &str) -> Result<Vec<String>> {
    const RIGHTS: &str = "
        select concat_ws(' ', 'table', relname, relkind, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner),
            (select string_agg(acl::text, ' ' order by acl::text) from unnest(relacl) acl))
        from pg_class where relnamespace = 'public'::regnamespace
        union all select concat_ws(' ', 'policy', tablename, policyname, roles, cmd, qual, with_check) from pg_policies
        union all select concat_ws(' ', 'function', oid::regprocedure, prosecdef, pg_get_userbyid(proowner),
            (select string_agg(acl::text, ' ' order by acl::text) from unnest(proacl) acl))
        from pg_proc where pronamespace = 'public'::regnamespace
            and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')
        union all select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger
            where not tgisinternal
        union all select concat_ws(' ', 'schema', nspname,
            (select string_agg(acl::text, ' ' order by acl::text) from unnest(nspacl) acl))
        from pg_namespace where nspname = 'public'
        order by 1";
    let mut connection = sqlx::PgConnection::connect(database_url).await?;
    Ok(sqlx::query_scalar(RIGHTS).fetch_all(&mut connection).await?)
}

#[tokio::test]
async fn a_backup_of_a_live_system_is_the_same_system_elsewhere() -> Result<()> {
    let mut stack = Stack::start(&[]).await?;
    furnish(&stack).await?;
    let original = stack.setting("DATABASE_URL").to_owned();

    // Nobody waits for a backup: calls go on while it is taken.
    let live = stack.dir().join("live.dump");
    let began = Utc::now().format("%FT%T%.3fZ");
    let calls = async {
        for _ in 0..20 {
            let called = stack.call("demo", "echo", json!({ "text": "meanwhile" })).await?;
            ensure!(called.is_success(), "{called:?}");
        }
        Ok::<_, anyhow::Error>(())
    };
    let (said, called) = tokio::join!(back_up(&stack, &live), calls);
    called?;
    let said = said?;
    assert!(said.contains("ENCRYPTION_KEY"), "{said}");
    // All of these, not some that were there before.
    stack.traces(&format!("tool_name=echo&mcp_server=demo&start_time={began}"), 20).await?;

    // What is compared must not change between the look and the backup; a head is signed every minute.
    let window = Window::until(Utc::now() + Duration::minutes(5));
    let exported = exports(&stack).await?;
    let dump = stack.dir().join("quiet.dump");
    let mut before = view(&stack, &window).await?;
    let mut is_quiet = false;
    for _ in 0..5 {
        let _ = std::fs::remove_file(&dump);
        back_up(&stack, &dump).await?;
        let after = view(&stack, &window).await?;
        is_quiet = before == after;
        if is_quiet {
            break;
        }
        before = after;
    }
    assert!(is_quiet, "something changes all the time");
    assert!(before.len() > 60, "only {} answers are compared", before.len());

    let dump = dump.to_str().context("a path")?;
    let (succeeded, said) = run(control_plane(&stack, &original, &["restore", dump])?).await?;
    assert!(!succeeded && said.contains("is not empty"), "{said}");
    let elsewhere = fresh_database().await?;
    let (succeeded, said) = run(control_plane(&stack, &elsewhere, &["restore", dump])?).await?;
    assert!(succeeded, "{said}");
    assert_eq!(rights(&original).await?, rights(&elsewhere).await?);

    stack.terminate("proxy").await?;
    stack.terminate("control-plane").await?;
    stack.set("DATABASE_URL", &elsewhere);
    // Nothing but answers: jobs and visits to servers would change what is compared.
    stack.set("CONTROL_ROLES", "api");
    stack.start_control_plane().await?;
    let restored = view(&stack, &window).await?;
    for (asked, answer) in &before {
        assert_eq!(restored.get(asked), Some(answer), "{asked}");
    }
    assert_eq!(restored.len(), before.len());
    assert_eq!(exports(&stack).await?, exported);
    let verified = stack.rest("/v1/audit-logs/verify").await?.body;
    assert_eq!(verified["valid"], true, "{verified}");

    // And it works: sealed credentials open, calls are recorded.
    stack.terminate("control-plane").await?;
    stack.set("CONTROL_ROLES", "api,grpc,ingest,jobs");
    stack.start_control_plane().await?;
    stack.start_proxy().await?;
    stack
        .until("the restored system takes a call", async |stack| {
            Ok(stack.call("priced", "echo", json!({ "text": "again" })).await?.is_success())
        })
        .await?;
    stack.traces("mcp_server=priced&tool_name=echo", 13).await?;
    Ok(())
}

#[tokio::test]
async fn a_backup_says_what_it_needs_and_replaces_nothing() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    let database = stack.setting("DATABASE_URL");
    let path = stack.write("there.dump", "something else")?;
    let (succeeded, said) = run(control_plane(&stack, database, &["backup", "--to", &path])?).await?;
    assert!(!succeeded && said.contains("is there already"), "{said}");
    let (succeeded, said) =
        run(control_plane(&stack, &fresh_database().await?, &["restore", &path])?).await?;
    assert!(!succeeded && said.contains("archive"), "{said}");
    let mut without_client =
        control_plane(&stack, database, &["backup", "--to", &path.replace("there", "new")])?;
    without_client.env("PATH", "/nowhere");
    let (succeeded, said) = run(without_client).await?;
    assert!(!succeeded && said.contains("pg_dump is not on the PATH"), "{said}");
    let left = std::fs::read_dir(stack.dir())?.filter_map(|entry| Some(entry.ok()?.file_name()));
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("dump")).collect();
    assert_eq!(left, ["there.dump"], "nothing half written stays");
    Ok(())
}
