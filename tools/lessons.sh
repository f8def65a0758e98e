# The names of the lessons and commands.

# A path is not a name.
is_lesson() {
  case $1 in '' | *[!a-z0-9-]*) return 1 ;; esac
  [ -f "src/lessons/$1/$1.ts" ]
}

# A lesson with servers of its own says in its folder how Docker runs them.
needs_own_servers() { [ -f "src/lessons/$1/compose.yml" ]; }

unknown_name() {
  local name
  name=$(list_names | nearest "$1")
  misused "There is no lesson or command \"$1\". ./manage.sh lists what there is.${name:+
Did you mean \"$name\"?}"
}

list_names() {
  local file
  sed -n 's/^  *\([^ ]*\) .*/\1/p' src/lessons/list.txt
  for file in tools/commands/*.sh; do basename "$file" .sh; done
}

# Of the names on stdin the one that takes the fewest edits: at most one for every three letters typed.
nearest() { # NAME
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
    END { if (best <= int((length(wanted) + 2) / 3)) print name }'
}
