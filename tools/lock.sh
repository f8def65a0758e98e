# One shell does the work; the others wait.

# The lock is a link that names its owner's process, so that the lock of a dead owner can be removed.
take_lock() { # [NAME WHAT_ITS_OWNER_DOES]
  local owner said=
  lock=.made/lock-${1:-setting-up}
  mkdir -p .made 2>/dev/null || cannot_write
  until ln -s $$ "$lock" 2>/dev/null; do
    [ -w .made ] || cannot_write
    owner=$(readlink "$lock") || continue
    if ! kill -0 "$owner" 2>/dev/null; then
      rm -f "$lock"
    elif [ -z "$said" ]; then
      said=1 && note "Another shell ${2:-is setting up}; waiting ..."
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

cannot_write() { fail "Cannot write to this folder: $PWD"; }
