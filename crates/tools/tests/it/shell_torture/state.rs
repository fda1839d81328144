//! What a command leaves in the shell is there for the next one, and for the shell after a time-out.

use serde_json::json;

use super::harness::{Torture, cases, printed, process_id};

cases! {
    variables_of_every_kind:
        ("a=1; declare -i n=2; declare -r r=3; list=(x 'y z'); declare -A map=([k]=v); export e=4" => 0, ""),
        ("n+=5; echo $a $n $r ${list[1]} ${map[k]}; sh -c 'echo $e'" => 0, "1 7 3 y z v\n4\n");
    functions_and_aliases: ("f() { local x=$1; echo $x; }; alias two='echo 2'" => 0, ""), ("f 1\ntwo" => 0, "1\n2\n");
    directory_and_its_stack: ("mkdir -p a/b; cd a; pushd b >/dev/null; popd >/dev/null; basename $PWD" => 0, "a\n"), ("cd ..; cd - >/dev/null; basename $PWD" => 0, "a\n");
    options_and_limits: ("set -o pipefail; shopt -s globstar; ulimit -c 0; umask 077" => 0, ""), ("false | true; echo $?; shopt -q globstar && echo on; ulimit -c; umask" => 0, "1\non\n0\n0077\n");
    traps: ("trap 'echo got it' USR1" => 0, ""), ("kill -USR1 $$; true" => 0, "got it\n");
    an_open_file: ("echo data > f; exec 5<f" => 0, ""), ("cat <&5; exec 5<&-" => 0, "data\n");
    a_coprocess: ("coproc cat; echo hi >&${COPROC[1]}; read -r line <&${COPROC[0]}; echo $line" => 0, "hi\n");
    a_virtual_environment: ("mkdir -p v/bin; printf 'export VENV=1 PATH=%s/v/bin:$PATH\\n' \"$PWD\" > v/bin/activate; . v/bin/activate" => 0, ""), ("echo $VENV; echo ${PATH%%:*} | grep -c '/v/bin$'" => 0, "1\n1\n");
    the_exit_code_of_the_last_command: ("(exit 42)" => 42, ""), ("echo $?" => 0, "42\n");
    the_terminal_is_put_in_order: ("stty raw -echo -icanon" => 0, ""), ("stty -a | grep -o ' icanon'" => 0, " icanon\n");
    a_deleted_directory: ("mkdir gone; cd gone; rmdir ../gone" => 0, ""), ("echo here" => 0, "here\n"), ("cd \"$OLDPWD\"" => 0, "");
    the_environment_is_the_commands_own: ("x=1 sh -c 'echo $x'; echo [$x]" => 0, "1\n[]\n");
}

/// Everything that can be carried over, set up at once.
const SET_UP: &str = "mkdir -p d; cd d; umask 027; export OUT='a b'; own=$'tab\\there'; declare -i n=5
list=(p 'q r' [7]=s); declare -A map=([key]='va lue'); readonly fixed=9; declare -n ref=own
f() { echo \"f $1 $own\"; }; export -f f
alias hey='echo hey'; alias cd='builtin cd'
set -o pipefail -o noclobber; shopt -s extglob nullglob
g() { case $1 in @(a|b)) echo match ;; esac; }
IFS=,; (exit 3)";

const LOOK: &str = "echo $?; echo \"$OUT|$own|${list[1]}|${list[7]}|${map[key]}|$fixed|$ref|$IFS|${PWD##*/}\"
umask; f 1; hey; g b; n=n+1; echo $n; bash -c 'f 2' | head -c 3; echo
[[ -o pipefail && -o noclobber ]] && shopt -q nullglob && echo options; compgen -A function | grep -vc slipway";

const SEEN: &str =
    "3\na b|tab\there|q r|s|va lue|9|tab\there|,|d\n0027\nf 1 tab\there\nhey\nmatch\n6\nf 2\noptions\n2\n";

#[tokio::test]
async fn all_of_it_is_there_after_a_timeout() {
    let torture = Torture::start().await;
    torture.run(SET_UP).await;
    let outcome = torture.run_for(1, "sleep 1000").await;
    assert!(
        outcome.text.contains("the same directory, variables, functions, aliases and options"),
        "{outcome:#?}"
    );
    let outcome = torture.run(&format!("(exit 3)\n{LOOK}")).await;
    assert_eq!(printed(&outcome), SEEN, "{outcome:#?}");
    torture.act("kill", "p1").await;
}

#[tokio::test]
async fn all_of_it_is_there_after_three_timeouts_in_a_row() {
    let torture = Torture::start().await;
    torture.run(SET_UP).await;
    for _ in 0..3 {
        torture.run_for(1, "sleep 1000").await;
    }
    let outcome = torture.run(&format!("(exit 3)\n{LOOK}")).await;
    assert_eq!(printed(&outcome), SEEN, "{outcome:#?}");
}

#[tokio::test]
async fn a_process_in_a_terminal_of_its_own_has_all_of_it() {
    let torture = Torture::start().await;
    torture.run("own=1; f() { echo \"f $own\"; }; cd /tmp").await;
    let outcome = torture.start_process("f; echo $PWD; sleep 1; echo ready; sleep 1000").await;
    let id = process_id(&outcome).to_owned();
    let rest =
        torture.process(json!({"action": "wait", "process_id": id, "until": "ready", "seconds": 60})).await;
    let all = format!("{}{}", printed(&outcome), printed(&rest));
    assert_eq!(all, "f 1\n/tmp\nready\n", "{rest:#?}");
    torture.act("kill", &id).await;
}

#[tokio::test]
async fn what_would_end_the_fresh_shell_is_left_behind() {
    let torture = Torture::start().await;
    torture.run("set -v; set +v").await;
    let outcome = torture.run("set -e; kept=1; false").await;
    assert_eq!(outcome.data["exit_code"], 1, "{outcome:#?}");
    torture.check("false; echo $kept $-", 0, "1 himBs\n").await;
}

#[tokio::test]
async fn a_variable_that_holds_a_whole_file_slows_nothing_down_and_is_not_carried_over() {
    let torture = Torture::start().await;
    torture.run("export small=1; big=$(head -c 3000000 /dev/zero | tr '\\0' x); cd /tmp").await;
    torture.check("echo ${#big}", 0, "3000000\n").await;
    torture.check("true", 0, "").await;
    let outcome = torture.run_for(1, "sleep 1000").await;
    assert!(outcome.text.contains("too large to carry over"), "{outcome:#?}");
    torture.check("echo $small ${#big} $PWD", 0, "1 0 /tmp\n").await;
}

#[tokio::test]
async fn a_new_shell_knows_nothing_of_the_old() {
    let torture = Torture::start().await;
    torture.run("own=1; f() { :; }; cd /; alias a=b").await;
    let root = torture.scene.root.display().to_string();
    let look =
        json!({"command": "echo \"[$own]\" $PWD; type f a 2>&1 | grep -c 'not found'", "new_shell": true});
    let outcome = torture.shell(look).await;
    assert_eq!(printed(&outcome), format!("[] {root}\n2\n"), "{outcome:#?}");
}
