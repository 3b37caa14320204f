# The owner of the database is no superuser: row level security would not hold for one. It may make the two roles that the
# migrations want.
psql --set=ON_ERROR_STOP=1 --set=password="$(cat /etc/postgres/secrets/password)" --username=postgres --no-password <<'SQL'
create role gatewayops login createrole password :'password';
create database gatewayops owner gatewayops;
SQL
