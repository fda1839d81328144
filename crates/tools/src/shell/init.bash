# Sourced once by every Slipway shell. $1: where to keep the shell's state (two files), $2: the state to start from.
# Descriptor 0 is the pipe that brings the host's lines, 60 the terminal, 61 the private pipe to the host;
# commands see the terminal as 0 and none of the others. Between commands 2 leads nowhere: there bash would tell,
# now and then, that a job has ended.
unset HISTFILE MAILCHECK
set +o history +H
PS1= PS2=
__slipway_state=$1 __slipway_open= __slipway_code=0 __slipway_traced= __slipway_extent=all

# Notes what a fresh shell needs to go on from here, after command number $1; one of two files is complete at
# any time, and its last line says of which command it is. Aliases come last: they must not change what else is read. The
# options are those that a command cannot stumble over unawares; `set -e` would end the fresh shell, too.
__slipway_keep() {
  {
    if [[ $__slipway_extent == exported ]]; then
      builtin export -p
    else
      builtin shopt -p || :
      builtin declare -p
      local __slipway_option
      for __slipway_option in allexport noclobber noglob nounset physical pipefail; do
        [[ -o $__slipway_option ]] && builtin printf 'builtin set -o %s\n' "$__slipway_option"
      done
    fi
    builtin umask -p
    builtin printf 'builtin cd -- %q\n' "$PWD"
    if [[ $__slipway_extent == all ]]; then
      builtin declare -f
      builtin declare -Fx
      builtin alias -p
    fi
    builtin printf '# kept %s\n' "$1"
  } >|"$__slipway_state-$(($1 % 2))"
}

# The shell's children, `?` where the kernel does not tell.
__slipway_children() {
  __slipway_list='?'
  { builtin read -r __slipway_list </proc/$$/task/$$/children; } 2>/dev/null || :
}

# $1: sequence number, $2: random token, $3: how much of the state to keep. Output on the terminal counts from
# the mark on; the news that jobs of earlier commands have ended does not belong to it.
__slipway_begin() {
  __slipway_open=$1 __slipway_extent=$3
  builtin jobs >/dev/null
  local __slipway_list
  __slipway_children
  {
    builtin printf 'B %s\n' "$1"
    builtin jobs -p
    builtin printf '%s\0' "$__slipway_list"
  } >&61
  builtin printf '\e]133;C;%s\a' "$2" >&60
  local __slipway_flags=$__slipway_traced
  __slipway_traced=
  [[ $__slipway_flags ]] && builtin set "-$__slipway_flags"
  case $- in *e*) return 0 ;; esac
  return "$__slipway_code"
}

# $1: exit code. Runs after each command, or from PROMPT_COMMAND when an interrupt cut that short; the
# token is made here so that no output could have contained it before. What may fail comes after the record:
# a command may have made any variable read-only.
__slipway_finish() {
  [[ ${__slipway_open-} ]] || return 0
  __slipway_code=$1
  local __slipway_token=$SRANDOM$SRANDOM __slipway_list __slipway_sequence=$__slipway_open
  exec 1>&60
  case $- in *x*) __slipway_traced+=x ;; esac
  case $- in *v*) __slipway_traced+=v ;; esac
  builtin set +xv
  builtin jobs >/dev/null
  __slipway_children
  case $__slipway_list in *[0-9?]*) __slipway_list=1 ;; *) __slipway_list=0 ;; esac
  __slipway_open=
  builtin printf 'F %s %s %s %s %s\0' "$__slipway_sequence" "$1" "$__slipway_token" "$__slipway_list" "$PWD" >&61
  builtin printf '\e]133;D;%s\a' "$__slipway_token" >&60
  # The caller goes on while the rest is done.
  __slipway_keep "$__slipway_sequence" || :
  builtin printf 'K %s\0' "$__slipway_sequence" >&61
  builtin unset PROMPT_COMMAND || :
  builtin declare -g PROMPT_COMMAND="$__slipway_prompt" || :
}

__slipway_prompt='{ __slipway_finish "$?"; } 2>/dev/null; \exec 2>/dev/null'
readonly -f __slipway_keep __slipway_children __slipway_begin __slipway_finish
builtin echo 500 2>/dev/null >|/proc/$$/oom_score_adj
[[ -r ${2-} ]] && . "$2" >/dev/null 2>&1
# Functions by these names would keep the shell from speaking to the host.
unset -f builtin exec local return unset
unset __slipway_token __slipway_list __slipway_option __slipway_sequence __slipway_flags PROMPT_COMMAND
shopt -u extdebug
PS1= PS2= PROMPT_COMMAND=$__slipway_prompt
__slipway_state=$1 __slipway_open= __slipway_traced= __slipway_extent=all
trap '{ [[ $__slipway_open ]] && __slipway_keep "$__slipway_open"; } 2>/dev/null' EXIT
{ __slipway_keep 0; } 2>/dev/null
builtin printf 'R\0' >&61
