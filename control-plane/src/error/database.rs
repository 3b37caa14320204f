//! What a database error means outside: a named constraint is the caller's mistake, a lost connection is
//! `unavailable`, a cancelled statement is `query_timeout`; the rest is ours.

use sqlx::error::{DatabaseError, ErrorKind};

use super::{Code, Error};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let translated = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Self::unavailable("database")),
            sqlx::Error::Database(database) => translate(database.as_ref()),
            _ => None,
        };
        match translated {
            Some(translated) => translated.because(error),
            None => Self::internal(error),
        }
    }
}

fn translate(error: &dyn DatabaseError) -> Option<Error> {
    let field = || column_of(error.table().unwrap_or_default(), error.constraint().unwrap_or_default());
    match error.kind() {
        ErrorKind::UniqueViolation => Some(Error::conflict(&field())),
        // Postgres words the two sides of a foreign key differently.
        ErrorKind::ForeignKeyViolation if error.message().starts_with("update or delete") => {
            Some(Error::new(Code::InUse, "it is still in use").with("by", error.table()))
        }
        ErrorKind::ForeignKeyViolation => {
            Some(Error::invalid_field(&field(), "unknown", "names nothing that exists"))
        }
        ErrorKind::CheckViolation => {
            Some(Error::invalid_field(&field(), "range", "is outside what is allowed"))
        }
        _ => match error.code()?.as_ref() {
            // statement timeout
            "57014" => Some(Error::new(Code::QueryTimeout, "the query took too long; narrow the time range")),
            // shutting down, crashed, starting up, too many connections, a standby that was not promoted yet
            "57P01" | "57P02" | "57P03" | "53300" | "25006" => Some(Error::unavailable("database")),
            code if code.starts_with("08") => Some(Error::unavailable("database")),
            _ => None,
        },
    }
}

/// `mcp_servers_org_id_name_key` on `mcp_servers` is about `name`: constraints are named by Postgres' own rule.
fn column_of(table: &str, constraint: &str) -> String {
    let name = constraint.strip_prefix(table).map_or(constraint, |rest| rest.trim_start_matches('_'));
    let name = name.strip_prefix("org_id_").unwrap_or(name);
    ["_key", "_fkey", "_check", "_idx"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_names_its_column() {
        for (table, constraint, column) in [
            ("mcp_servers", "mcp_servers_org_id_name_key", "name"),
            ("api_keys", "api_keys_team_id_fkey", "team_id"),
            ("api_keys", "api_keys_org_id_team_id_fkey", "team_id"),
            ("users", "users_status_check", "status"),
        ] {
            assert_eq!(column_of(table, constraint), column);
        }
    }

    #[test]
    fn a_lost_connection_is_unavailable_not_internal() {
        let error = Error::from(sqlx::Error::PoolTimedOut);
        assert_eq!(error.code, Code::Unavailable);
        assert_eq!(error.details["dependency"], "database");
    }
}
