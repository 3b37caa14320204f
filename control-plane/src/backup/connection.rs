//! `DATABASE_URL` as the tools of PostgreSQL take it: from the environment, because anybody may read the arguments of a
//! process.

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

use crate::store::primary::one_for_each_host;

/// Names and values; what the URL does not say is left to the tool, which has the defaults that we have.
pub(super) fn environment(url: &SecretString) -> Result<Vec<(&'static str, String)>> {
    // Every URL says the same but for the host; of several the tools look for the one that takes writes, as we do.
    let urls: Vec<_> = one_for_each_host(url.expose_secret())
        .iter()
        .map(|url| url::Url::parse(url).context("DATABASE_URL"))
        .collect::<Result<_>>()?;
    let url = &urls[0];
    let mut environment = vec![("PGAPPNAME", "gatewayops-backup".to_owned())];
    let mut set = |name, value: &str| {
        if !value.is_empty() {
            let decoded = percent_decode_str(value).decode_utf8_lossy().into_owned();
            environment.push((name, decoded));
        }
    };
    set("PGUSER", url.username());
    set("PGPASSWORD", url.password().unwrap_or_default());
    let hosts: Vec<_> =
        urls.iter().map(|url| url.host_str().unwrap_or_default().trim_matches(['[', ']'])).collect();
    let ports: Vec<_> =
        urls.iter().map(|url| url.port().map(|port| port.to_string()).unwrap_or_default()).collect();
    set("PGHOST", &hosts.join(","));
    set("PGPORT", if ports.iter().all(String::is_empty) { String::new() } else { ports.join(",") }.as_str());
    if urls.len() > 1 {
        set("PGTARGETSESSIONATTRS", "read-write");
        set("PGCONNECT_TIMEOUT", "5");
    }
    set("PGDATABASE", url.path().trim_start_matches('/'));
    for (name, value) in url.query_pairs() {
        let variable = match &*name {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "dbname" => "PGDATABASE",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        environment.retain(|(known, _)| *known != variable);
        environment.push((variable, value.into_owned()));
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Vec<String> {
        let pairs = environment(&SecretString::from(url)).unwrap();
        pairs.iter().skip(1).map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn a_url_is_what_the_tools_read_from_their_environment() {
        assert_eq!(
            read(
                "postgres://ann:p%40ss%2Fword@db.example.com:5433/gateway%20ops?sslmode=verify-full&sslrootcert=/ca.pem"
            ),
            [
                "PGUSER=ann",
                "PGPASSWORD=p@ss/word",
                "PGHOST=db.example.com",
                "PGPORT=5433",
                "PGDATABASE=gateway ops",
                "PGSSLMODE=verify-full",
                "PGSSLROOTCERT=/ca.pem"
            ]
        );
        assert_eq!(read("postgres://ann@[::1]/x"), ["PGUSER=ann", "PGHOST=::1", "PGDATABASE=x"]);
        assert_eq!(
            read("postgres://ann@one,two:5433/x"),
            [
                "PGUSER=ann",
                "PGHOST=one,two",
                "PGPORT=,5433",
                "PGTARGETSESSIONATTRS=read-write",
                "PGCONNECT_TIMEOUT=5",
                "PGDATABASE=x"
            ]
        );
        let socket = read("postgres://ann@localhost/x?host=/run/postgresql&statement_cache_capacity=5");
        assert_eq!(socket, ["PGUSER=ann", "PGDATABASE=x", "PGHOST=/run/postgresql"]);
    }
}
