# Which server, and how a script reaches it.

# Sets `server_kind` to docker, embedded or own, and `server` to what it is called.
choose_server() {
  local docker_lacks='' node_lacks=''
  if [ "$demanded_server" = --docker ]; then
    docker_is_up || docker_lacks=$(docker_lacks)
    [ -z "$docker_lacks" ] || fail "--docker: $docker_lacks. Get Docker from https://docs.docker.com/get-started/get-docker/, or leave the flag out."
    server_kind=docker
  elif [ "$demanded_server" = --embedded ]; then
    node_lacks=$(node_lacks)
    [ -z "$node_lacks" ] || fail "--embedded: $node_lacks. Get Node 20 or later from https://nodejs.org, or leave the flag out."
    server_kind=embedded server='embedded server'
  elif [ -n "${DB_HOST:-}" ]; then
    server_kind=own server='your own server'
  elif docker_is_up; then
    server_kind=docker
  else
    docker_lacks=$(docker_lacks) node_lacks=$(node_lacks)
    if [ -z "$docker_lacks" ]; then
      server_kind=docker
    elif [ -z "$node_lacks" ]; then
      server_kind=embedded server="embedded server ($docker_lacks)"
    else
      fail "A lesson needs Docker or Node, and this machine has neither: $docker_lacks, and $node_lacks.
Install Docker (https://docs.docker.com/get-started/get-docker/) or Node 20 or later (https://nodejs.org)."
    fi
  fi
  if [ "$server_kind" = docker ]; then server=Docker; fi
}

# Replaces this process with src/run.ts and these arguments, run from where the server is reached.
run_lesson() { # LESSON [ARGUMENT ...]
  set -- "$1" src/run.ts "$@" --server "$server"
  case $server_kind in
    docker)
      docker_up
      docker_run_lesson "$@"
      ;;
    embedded) run_on_embedded_server "$@" ;;
    own) run_on_own_server "$@" ;;
  esac
}

run_on_embedded_server() { # LESSON NODE_ARGUMENT ...
  local servers=src/lessons/$1/servers.ts
  if needs_own_servers "$1" && [ ! -f "$servers" ]; then
    fail "$1 needs servers that exist only in Docker. Install it: https://docs.docker.com/get-started/get-docker/"
  fi
  shift
  install_packages runtime
  if [ -f "$servers" ]; then set -- --servers "$servers" "$@"; fi
  exec_node embedded/cli.ts run "$@"
}

# On this machine's Node if it has one, else in the exercise container.
run_on_own_server() { # LESSON NODE_ARGUMENT ...
  local node_lacks docker_lacks
  if needs_own_servers "$1"; then
    fail "$1 starts servers of its own and cannot use DB_HOST. Run it with --docker$([ ! -f "src/lessons/$1/servers.ts" ] || echo ' or --embedded')."
  fi
  shift
  node_lacks=$(node_lacks)
  if [ -z "$node_lacks" ]; then
    install_packages runtime
    exec_node "$@"
  fi
  docker_lacks=$(docker_lacks)
  [ -z "$docker_lacks" ] || fail "Running on your own server needs Node 20 or later, or Docker: $node_lacks, and $docker_lacks."
  export EXERCISE_DB_HOST=$DB_HOST EXERCISE_DB_PORT=$DB_PORT EXERCISE_DB_SSLMODE=${DB_SSLMODE:-}
  # Inside a container, localhost is the container.
  case $DB_HOST in localhost | 127.*) EXERCISE_DB_HOST=host.docker.internal ;; esac
  docker_run "$@"
}
