# What manage.sh says.

note() { printf -- '-- %s\n' "$*" >&2; }

# Prints the problem and the remedy, then exits (1).
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Prints the usage error, then exits (2).
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
