# Summary: start the server
# Usage: up
# Flags: --docker --embedded
load_settings
choose_server
case $server_kind in
  docker) docker_up && note 'Docker: PostgreSQL is up.' ;;
  embedded)
    DB_PORT=$(embedded_up)
    note "PostgreSQL is up, $server at 127.0.0.1:$DB_PORT."
    note "To run a lesson by hand: DB_PORT=$DB_PORT npx tsx src/lessons/connection/connection.ts"
    ;;
  own) note "Your own server at $DB_HOST:$DB_PORT is used: there is nothing to start." ;;
esac
