# Summary: open the database that a lesson left; without LESSON, the one that DB_NAME names
# Usage: psql [LESSON]
# Flags: --docker --embedded
[ -z "${1:-}" ] || is_lesson "$1" || unknown_name "$1"
load_settings
choose_server

# Runs psql. It exits with 2 if it cannot connect.
open_database() { # LESSON PSQL_COMMAND ...
  local lesson=$1 code=0
  shift
  "$@" || code=$?
  if [ "$code" = 2 ] && [ -n "$lesson" ]; then note "Run ./manage.sh $lesson first: its database is made by the run."; fi
  exit "$code"
}

database=$DB_NAME${1:+_$1}
if [ "$server_kind" = docker ]; then
  docker_up
  terminal=--no-TTY
  if [ -t 0 ] && [ -t 1 ]; then terminal=; fi
  open_database "${1:-}" compose exec ${terminal:+"$terminal"} \
    --env "PGDATABASE=$database" --env "PGUSER=$DB_USER" db-postgres psql
fi
command -v psql >/dev/null || fail 'psql is not installed. It comes with PostgreSQL: apt install postgresql-client, or brew install libpq.'
if [ "$server_kind" = embedded ]; then
  DB_HOST=127.0.0.1 DB_PORT=$(embedded_up)
elif [ -n "${DB_SSLMODE:-}" ]; then
  export PGSSLMODE=$DB_SSLMODE
fi
export PGHOST=$DB_HOST PGPORT=$DB_PORT PGUSER=$DB_USER PGPASSWORD=$DB_PASS PGDATABASE=$database
open_database "${1:-}" psql
