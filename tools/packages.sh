# Node, and the npm packages.

checksum() { cat "$@" | cksum | tr ' ' -; }

# Prints what is missing; prints nothing if all is well.
node_lacks() {
  local version
  version=$(node --version 2>/dev/null) || { echo 'Node is not installed' && return; }
  version=${version#v}
  if [ "${version%%.*}" -lt 20 ]; then echo "Node $version is older than 20"; fi
  if ! command -v npm >/dev/null; then echo 'npm is not installed'; fi
}

# Ends this script if Node will not do.
require_node() { # WHAT_NEEDS_IT
  local lacks
  lacks=$(node_lacks)
  [ -z "$lacks" ] || fail "$1 needs Node 20 or later: $lacks."
}

# The packages of the project, once for each lockfile. Later runs need no network.
install_packages() { # runtime | all
  local what=$1 dev=--omit=dev
  is_installed "$what" && return
  take_lock
  if ! is_installed "$what"; then
    if [ -d node_modules/typescript ]; then what=all; fi # never take a contributor's tools away
    if [ "$what" = all ]; then dev=--include=dev; fi
    note 'Installing the npm packages, once ...'
    npm_ci . "$dev" --include=optional
    echo "$what $(checksum package.json package-lock.json)" >node_modules/.installed
  fi
  release_lock
}

# What npm has finished, and nobody has deleted since.
is_installed() { # runtime | all
  local package sum
  sum=$(checksum package.json package-lock.json)
  case $(cat node_modules/.installed 2>/dev/null) in "$1 $sum" | "all $sum") ;; *) return 1 ;; esac
  for package in drizzle-orm postgres dotenv tsx; do
    [ -f "node_modules/$package/package.json" ] || return 1
  done
}

# The packages of a folder that has a lockfile of its own.
install_in() { # FOLDER
  local sum
  sum=$(checksum "$1/package-lock.json")
  is_installed_in "$1" "$sum" && return
  take_lock
  if ! is_installed_in "$1" "$sum"; then
    note "Installing the packages of $1, once ..."
    npm_ci "$1"
    echo "$sum" >"$1/node_modules/.installed"
  fi
  release_lock
}

is_installed_in() { # FOLDER CHECKSUM
  [ "$(cat "$1/node_modules/.installed" 2>/dev/null)" = "$2" ]
}

npm_ci() { # FOLDER [FLAG ...]
  local folder=$1
  shift
  # Not by --prefix, which would make npm look elsewhere for the machine's own settings.
  (cd "$folder" && npm ci "$@" --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    fail 'npm could not install the packages; see its output above. The first run needs the npm registry.'
}
