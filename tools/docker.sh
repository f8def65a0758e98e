# Server option 1: Docker.

# With the servers of a lesson, if `lesson_compose` names their file.
compose() {
  docker compose --env-file /dev/null --file docker/docker-compose.yml \
    ${lesson_compose:+--file "$lesson_compose"} "$@"
}

# Two clones on one machine must not share containers or data, so the compose project is named after the folder.
name_docker_project() {
  local sum
  sum=$(printf %s "$PWD" | cksum)
  export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-learning-drizzle-${sum%% *}}
}
name_docker_project

# Prints what is missing; prints nothing if all is well.
docker_lacks() {
  local version
  command -v docker >/dev/null || { echo 'Docker is not installed' && return; }
  version=$(docker version --format '{{.Server.Version}}' 2>/dev/null) ||
    { echo 'no Docker engine answers' && return; }
  is_older "$version" 25 0 && { echo "the Docker engine $version is older than 25" && return; }
  version=$(docker compose version --short 2>/dev/null) ||
    { echo 'docker compose is not installed' && return; }
  is_older "${version#v}" 2 21 && { echo "docker compose $version is older than 2.21" && return; }
  return 0
}

is_older() { # VERSION MAJOR MINOR
  local major=${1%%.*} minor=${1#*.}
  minor=${minor%%.*}
  [ "$major" -lt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -lt "$3" ]; }
}

# Whether the server runs, is healthy, and knows these settings. Asks the engine alone: this is quick.
docker_is_up() {
  local state template='{{.State.Health.Status}} {{index .Config.Labels "learning-drizzle.settings"}}'
  SETTINGS=$(printf '%s\n' "$DB_USER" "$DB_PASS" "$DB_NAME" | checksum)
  export SETTINGS
  state=$(docker container inspect --format "$template" "$COMPOSE_PROJECT_NAME-db-postgres-1" 2>/dev/null) || true
  [ "$state" = "healthy $SETTINGS" ]
}

docker_up() {
  docker_is_up && return
  take_lock
  if ! docker_is_up; then
    note 'Starting PostgreSQL in Docker ...'
    docker image inspect postgres:18 >/dev/null 2>&1 || compose pull db-postgres >&2
    compose --progress quiet up --detach --wait db-postgres >&2 ||
      fail "Docker could not start the server; see its output above. The server's log: docker logs $COMPOSE_PROJECT_NAME-db-postgres-1"
    docker_ensure_role_and_database
    note 'It stays up until ./manage.sh down.'
  fi
  release_lock
}

# The image gives a new data folder its role; an old one may have been made with other settings.
docker_ensure_role_and_database() {
  compose exec --no-TTY db-postgres psql --quiet --no-psqlrc --username=postgres --set=ON_ERROR_STOP=1 \
    --set=user="$DB_USER" --set=pass="$DB_PASS" --set=name="$DB_NAME" >&2 <<'SQL'
select format('create role %I', :'user')
where not exists (select from pg_roles where rolname = :'user') \gexec
alter role :"user" superuser login password :'pass';
select format('create database %I', :'name')
where not exists (select from pg_database where datname = :'name') \gexec
SQL
}

# Stops the server. Fails if nothing was there to stop.
docker_down() {
  [ -z "$(docker_lacks)" ] && [ -n "$(docker_containers)" ] || return 1
  DB_PASS=- compose --progress quiet --profile '*' down --remove-orphans >&2
  rm -f .made/lock-servers-*
}

docker_containers() {
  docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"
}

# Removes the containers, the volume and the images. Fails if there were none.
docker_clean() {
  local images volumes
  [ -z "$(docker_lacks)" ] || return 1
  images=$(docker image ls --quiet --filter reference="$COMPOSE_PROJECT_NAME-*" | sort -u)
  volumes=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")
  [ -n "$images$volumes$(docker_containers)" ] || return 1
  DB_PASS=- compose --progress quiet --profile '*' down --remove-orphans --volumes >&2
  # shellcheck disable=SC2086 # one word for each image
  [ -z "$images" ] || docker image rm --force $images >/dev/null
}

# Runs Node with these arguments in the exercise container. A lesson's own servers are new ones for each run.
docker_run_lesson() { # LESSON NODE_ARGUMENT ...
  local lesson=$1 code=0
  shift
  if ! needs_own_servers "$lesson"; then
    docker_run "$@"
    return
  fi
  docker_build
  take_lock "servers-$lesson" "has the servers of $lesson in use"
  lesson_compose=src/lessons/$lesson/compose.yml
  lesson_servers=$(compose config --services | grep "^$lesson-" | paste -s -d ' ' -)
  trap docker_remove_lesson_servers EXIT
  note "Starting the servers of this lesson: $lesson_servers ..."
  # shellcheck disable=SC2086 # one word for each server
  compose --progress quiet up --detach --wait --force-recreate --no-deps $lesson_servers >&2 ||
    fail 'Docker could not start them; see its output above.'
  docker_run "$@" || code=$?
  docker_remove_lesson_servers
  return "$code"
}

docker_remove_lesson_servers() {
  # shellcheck disable=SC2086
  compose --progress quiet rm --stop --force --volumes $lesson_servers >/dev/null 2>&1 || true
  release_lock
}

docker_run() { # NODE_ARGUMENT ...
  local container=$COMPOSE_PROJECT_NAME-exercise-$$
  docker_build
  docker_sweep
  compose --progress quiet run --rm --no-deps --no-TTY --name "$container" exercise "$@" </dev/null &
  trap 'docker_end_run "$container" $! 129' HUP
  trap 'docker_end_run "$container" $! 130' INT
  trap 'docker_end_run "$container" $! 143' TERM
  wait $!
}

# An interrupted compose can leave its container running.
docker_end_run() { # CONTAINER COMPOSE_PID EXIT_CODE
  trap '' HUP INT TERM
  kill "$2" 2>/dev/null || true
  wait "$2" || true
  docker rm --force "$1" >/dev/null 2>&1 || true
  exit "$3"
}

# A run that was killed has left its container, with the database in use. Its name ends in its process.
docker_sweep() {
  local container
  docker ps --all --filter "name=^/$COMPOSE_PROJECT_NAME-exercise-" --format '{{.Names}}' | while read -r container; do
    kill -0 "${container##*-}" 2>/dev/null || docker rm --force "$container" >/dev/null 2>&1 || true
  done
}

# The image's tag is the checksum of what it is made of: a change there makes a new image, once.
docker_build() {
  IMAGE_TAG=$(checksum package.json package-lock.json tsconfig.json docker/Dockerfile)
  export IMAGE_TAG
  docker_is_built && return
  take_lock
  if ! docker_is_built; then
    note 'Building the exercise image, once ...'
    docker_build_quietly exercise
  fi
  release_lock
}

# Shows the output of a failed build only. Compose's own --quiet would hide what a failed step printed.
docker_build_quietly() { # SERVICE
  local output
  output=$(compose --progress plain build "$1" 2>&1) ||
    fail "$output
Docker could not build the image; see its output above."
}

docker_is_built() { docker image inspect "$COMPOSE_PROJECT_NAME-exercise:$IMAGE_TAG" >/dev/null 2>&1; }
