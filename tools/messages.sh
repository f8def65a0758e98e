# What manage.sh says.

note() { printf -- '-- %s\n' "$*" >&2; }

# What happened and what to do; then the end.
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What was typed wrong; then the end.
misused() {
  printf '%s\n' "$*" >&2
  exit 2
}

# A line of the comment at the head of a command's file: its Usage, Summary or Flags.
header() { # NAME FILE
  local line
  while IFS= read -r line; do
    case $line in
      "# $1: "*) printf '%s\n' "${line#"# $1: "}" ;;
      \#*) ;;
      *) return ;;
    esac
  done <"$2"
}
