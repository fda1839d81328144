# Sourced once by every Slipway shell. $1: where to keep the shell's state, $2: the state to start from.
# Descriptor 60 is the terminal, 61 the private pipe to the tool host; commands see neither.
unset HISTFILE MAILCHECK
set +o history +H
PS1= PS2=
__slipway_state=$1 __slipway_open= __slipway_code=0

# What a fresh shell needs to go on from here: exported variables, umask, directory.
__slipway_keep() {
  {
    builtin export -p
    builtin umask -p
    builtin printf 'builtin cd -- %q\n' "$PWD"
  } >|"$__slipway_state"
}

# $1: sequence number, $2: random token. Output on the terminal counts from the mark on; the news that jobs
# of earlier commands have ended does not belong to it.
__slipway_begin() {
  __slipway_open=$1
  builtin jobs >/dev/null
  {
    builtin printf 'B %s\n' "$1"
    builtin jobs -p
    builtin printf '\0'
  } >&61
  builtin printf '\e]133;C;%s\a' "$2" >&60
  case $- in *e*) return 0 ;; esac
  return "$__slipway_code"
}

# $1: exit code. Runs after each command, or from PROMPT_COMMAND when an interrupt cut that short; the
# token is made here so that no output could have contained it before.
__slipway_finish() {
  [[ ${__slipway_open-} ]] || return 0
  local token=$SRANDOM$SRANDOM
  __slipway_code=$1
  exec 0<&60 1>&60
  PROMPT_COMMAND=$__slipway_prompt
  __slipway_keep
  builtin printf 'F %s %s %s %s\0' "$__slipway_open" "$1" "$token" "$PWD" >&61
  __slipway_open=
  builtin printf '\e]133;D;%s\a' "$token" >&60
}

__slipway_prompt='{ __slipway_finish "$?"; } 2>/dev/null; exec 2>&60'
PROMPT_COMMAND=$__slipway_prompt
readonly -f __slipway_keep __slipway_begin __slipway_finish
trap '{ __slipway_keep; } 2>/dev/null' EXIT
builtin echo 500 2>/dev/null >|/proc/$$/oom_score_adj
[[ -r ${2-} ]] && . "$2" >/dev/null 2>&1
builtin printf 'R\0' >&61
