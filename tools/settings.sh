# The settings: the DB_* variables, from the environment or from .env.

# .env is made on first use, with a password of its own. Of several shells, the first one makes it.
make_env_file() {
  local new=.env.$$
  if [ -e .env ]; then return; fi
  (umask 077 && sed "/^DB_PASS=/s/change-me/$(od -An -N9 -tx1 /dev/urandom | tr -d ' \n')/" .env.example >"$new") ||
    fail "Cannot write to this folder, so .env cannot be created: $PWD"
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
        fail "$name in .env has an unquoted #: everything after it would be a comment. Write $name=\"...\"."
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
