//! What `control-plane backup` and `restore` ask of a database beside what `pg_dump` and `pg_restore` do.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Bytes that rows take on disk, without their indexes.
///
/// # Errors
/// The database's.
pub async fn size(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let size: i64 = sqlx::query_scalar(
        "select coalesce(sum(pg_table_size(oid)), 0)::bigint from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'm')",
    )
    .fetch_one(conn)
    .await?;
    Ok(size.unsigned_abs())
}

/// Tables, views and sequences, without those of extensions.
///
/// # Errors
/// The database's.
pub async fn count_relations(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')",
    )
    .fetch_one(conn)
    .await
}

/// The two roles that policies and grants name, and our membership in them: what migration 0009 does in a new database.
///
/// # Errors
/// The database's; it says what an administrator has to run if we may not.
pub async fn ensure_roles(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "do $$
        declare
            role_name text;
            is_new constant boolean := current_setting('server_version_num')::int >= 160000;
        begin
            foreach role_name in array array['gatewayops_app', 'gatewayops_worker'] loop
                if to_regrole(role_name) is null then
                    execute format('create role %I nologin', role_name);
                end if;
                if not pg_has_role(current_user, role_name, case when is_new then 'set' else 'member' end) then
                    execute format('grant %I to current_user', role_name)
                        || case when is_new then ' with inherit false, set true' else '' end;
                end if;
            end loop;
        exception when insufficient_privilege then
            raise exception 'user % may not create or join the roles it needs; an administrator must run, as far as missing: '
                'create role gatewayops_app nologin; create role gatewayops_worker nologin; '
                'grant gatewayops_app, gatewayops_worker to %;', current_user, quote_ident(current_user)
                using errcode = 'insufficient_privilege';
        end $$",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes the functions that read as the worker its own again, and grants, as it, what was granted on them.
///
/// # Errors
/// The database's.
pub async fn hand_over(conn: &mut PgConnection, functions: &[String], grants: &[String]) -> sqlx::Result<()> {
    // Only who may create something in a schema can come to own something in it.
    let mut statements = vec!["grant create on schema public to gatewayops_worker".to_owned()];
    statements.extend(
        functions.iter().map(|function| format!("alter function {function} owner to gatewayops_worker")),
    );
    statements.push("revoke create on schema public from gatewayops_worker".to_owned());
    statements.push("set local role gatewayops_worker".to_owned());
    statements.extend(grants.iter().cloned());
    let mut tx = conn.begin().await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// So that the first queries are planned as well as later ones.
///
/// # Errors
/// The database's.
pub async fn analyze(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("analyze").execute(conn).await?;
    Ok(())
}
