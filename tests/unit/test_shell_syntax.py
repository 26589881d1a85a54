"""Whether bash waits for more: `bash -n` itself is asked about every form."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.snippets.shell_syntax import ShellReader

BASH = shutil.which("bash")
UNFINISHED = re.compile(r"unexpected end of file|unexpected EOF|delimited by end-of-file|`EOF' in conditional")
ONE_LINE = r"""
if true
if true; then
if true; then echo; fi
for i in 1 2
for i in 1 2; do echo; done
for i; do echo; done
for ((i=0;i<3;i++))
for ((i=0;i<3;i++)); do echo $i; done
greet() {
greet() { echo; }
greet ()
greet()
function greet
function greet {
function greet { echo; }
function greet () {
greet() (
greet() ( echo )
greet() if true; then echo; fi
echo one &&
echo one ||
echo one |
echo one |&
echo one &
echo one;
echo one && # comment
echo "multi
echo 'multi
echo $'it\'s'
echo $'it\'s
a=(1
a=(1 2 3)
a+=(1
declare -a a=(1 2
echo ${#a[@]}
case x in
case x
case x in x) echo;;
case x in x) echo;; esac
case x in (x|y) echo;; esac
case x in x) echo;; y) fi
case esac in esac) echo;; esac
[[ 1 -eq 1 &&
[[ 1 -eq 1
[[ 1 -eq 1 ]]
[[ a =~ (a|b) ]] && echo
[[ a == a && ( b == b ) ]]
[[ -f x ]] || {
echo $((1 +
echo $((1 + 2))
echo $((1<<n))
echo $((1<<2)) <<EOF
((i++))
((i <
(cd / ;
(cd /; pwd)
while read l; do echo "got $l"; done < <(printf 'p\nq\n')
while read l
until false
select x in a b; do
{ echo a
{ echo a; }
echo {a,b}
echo }
}
fi
done
echo fi
echo if
cat <<< hello
cat <<<hello
cat <<<"hello
cat <<EOF
cat << EOF
cat <<-EOF
cat <<'EOF'
cat <<"E O F"
cat <<\EOF
cat <<E"O"F
cat <<$'EOF'
cat <<END_1; echo
cat <<1
cat <<+
cat <<é
cat <<a-b.c
cat <<EOF | grep x
cat <<A <<B
echo $(cat <<EOF
echo $(echo "a ' b" )
echo $(echo ')')
echo "$(echo "nested "quotes" here")"
echo "$(echo 'a)'"
echo "$(echo ")
echo ${x:-
echo ${x:-"a}"}
echo "${x:-'}"
echo ${x:-'}
echo "${x}"
echo ${x//a/\}}
echo ${x#"a"
echo `ls
echo `ls`
echo `echo \`a\``
echo a \
echo a \\
echo 'a \
echo a#b
# comment
# comment '
echo "a # b"
coproc
coproc cat
coproc NAME {
coproc NAME { cat; }
coproc {
coproc NAME (
time
time {
! true
!
! {
x=1 if
x=$(ls
x=$(ls)
ls !(a|b)
ls @(a
echo $[1+2]
echo $[1+
echo a >(cat
diff <(ls) <(ls
diff <(ls) <(ls)
f() { if true; then
f() { if true; then echo; fi; }
if true; then echo $(if true; then echo; fi); fi
if true; then echo $(if true; then echo); fi
echo $(case x in x) echo;; esac)
echo $(case x in x) echo
cat <<EOF && echo
echo "a" "b
echo a"b"c'd
printf '%s\n' "it's"
printf '%s\n' it's
git commit -m "first line
docker run -it \
kubectl apply -f - <<EOF
export A=b &&
a && b || c &&
a | b | c |
a; b; c
( a ) &&
{ a; } |
if a; then b; fi |
for i in *; do a; done &&
while a; do b; done <<EOF
[ a = b ] &&
test a &&
[[ $x == *"a b"* ]] &&
[[ $x == "a
echo "${a[@]}" "${#a[@]}"
echo ${a[0]} ${!a} ${a^^}
echo $# $? $$ $! $@ $*
echo $#
echo ${#}
echo "$#"
echo \# \" \'
echo a\
let "x = 1
eval "$(ssh-agent
awk '{ print $1 }'
awk '{ print
sed -e 's/a/b/' \
find . -name '*.py' -exec grep -n x {} \;
find . -type f | xargs -I{} sh -c '
if [ -f x ]; then echo yes; else
if a; then b; elif c
trap 'echo' EXIT
a() { b; }; c
function a() { b; }
function a { b; } && c
function a b
echo function
echo case x in
case x in a) ;; b) ;;& c) ;; esac
case x in a) echo a ;& b)
case $x in "a b") echo;; esac
if ! grep x; then
if ( a ); then
if [[ a ]]; then b; fi
while :; do sleep 1; done &
for f in $(ls); do
for f in `ls`; do echo; done
for x do echo; done
((a)); b
((a) ; b)
$((1))
$(echo ls) -l
"$x"
"if" true
\if true
if\
then
then echo
else
do
esac
)
(
()
( )
{}
{ }
;;
&&
| a
a || | b
a & & b
a ; ; b
echo (a)
a=b(c)
"""
LINES = (
    "cat <<EOF\na\nEOF",
    "cat <<EOF\na",
    "cat <<-EOF\n\ta\n\tEOF",
    "cat <<EOF\n EOF",
    "cat <<EOF\nEOF ",
    "cat <<'A B'\nx\nA B",
    "cat <<A <<B\na\nA",
    "cat <<A <<B\na\nA\nb\nB",
    "echo $(cat <<EOF\na\nEOF\n",
    "echo $(cat <<EOF\na\nEOF\n)",
    "f()\n{",
    "f()\n\n{ a; }",
    "f()\necho",
    "function f\n{ a; }",
    "a &&\n\nb",
    "a &&\n# c\nb",
    "a |\n",
    "if a\nthen b\nfi",
    "for i in a b\ndo\necho\ndone",
    "case x\nin\nx) a;;\nesac",
    "echo 'a\nb'",
    'echo "a\nb" &&',
    "a=(1\n2 # c\n3)",
    "a=(1 # )\n",
    "[[ a &&\nb ]]",
    "[[ a\n&& b ]]",
    "echo $((1 +\n2))",
    "echo a \\\nb",
    "echo 'a\\\nb'",
    "echo a \\\n\\",
    "cat <<EOF \\\n| grep a\nx\nEOF",
    "cat <<EOF \\\n| grep a\nx",
    "cat <<EOF &&\na\nEOF",
    "cat <<EOF &&\na\nEOF\nb",
    "if a; then cat <<EOF\nx\nEOF",
    "if a; then cat <<EOF\nx\nEOF\nfi",
    "${x:-\n}",
    'echo "${x:-a\nb}"',
    "echo `a\nb`",
    "while read x; do\n  echo $x\ndone <<EOF\na\nEOF",
    "time\n{ a; }",
    "coproc\ncat",
    "! \na",
    "for i\nin a; do b; done",
    "echo $(\n# it's\na)",
    "echo $( # '\n)",
    "echo $(a # )\n)",
    "{ # it's\na\n}",
    "case x in\n# a)\nx) a\n;;\nesac",
)


@pytest.fixture(scope="module")
def bash() -> str:
    if BASH is None:
        pytest.skip("there is no bash")
    told = subprocess.run([BASH, "--version"], capture_output=True, text=True, check=True).stdout
    if (version := re.search(r"version (\d+)", told)) is None or int(version[1]) < 5:
        pytest.skip(f"not the bash of today: {told.splitlines()[0]}")
    return BASH


def told_by(bash: str, text: str) -> str:
    """What bash says of the text, which it does not run."""
    done = subprocess.run([bash, "-O", "extglob", "-n", "-c", "--", f"{text}\n"], capture_output=True, check=False)
    return done.stderr.decode("utf-8", "replace")


def waits(text: str) -> bool:
    reader = ShellReader()
    for line in text.split("\n"):
        reader.feed(line)
    return reader.waits


def test_it_waits_where_bash_does(bash: str) -> None:
    different = []
    for text in (*ONE_LINE.strip("\n").split("\n"), *LINES):
        told = told_by(bash, text)
        # to `bash -n`, a backslash at the very end goes on in an empty line
        escaped = not told and (len(text) - len(text.rstrip("\\"))) % 2 == 1
        if waits(text) != (escaped or UNFINISHED.search(told) is not None):
            different.append((text, told))
    assert different == []


PIECES = (
    *("echo ", "a", "b ", "if ", "then ", "else ", "fi ", "for x in ", "for i ", "do ", "done ", "case x in ", "x) "),
    *("esac ", "{ ", "} ", "( ", ") ", "(", "f() ", "[[ ", "]] ", "&& ", "|| ", "| ", "; ", ";; ", "& ", "\n", "\n"),
    *("'", '"', "`", "$(", "${", "}", "))", "((", "$((", "<<E ", "\nE\n", "<<'E F'", "<<<", "# ", "\\", "\\\n"),
    *("x=(", "=", "1", "<(", "> ", "while ", "until ", "function ", "! ", "time ", "in ", "$'", "'s", "${x:-", "$x"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@settings(deadline=None)
@given(text=TEXTS)
def test_what_bash_would_run_waits_for_nothing(bash: str, text: str) -> None:
    if not told_by(bash, text) and not text.rstrip("\n").endswith("\\"):
        assert not waits(text)


@given(lines=st.lists(st.text(alphabet="$(){}[]<>'\"`\\#;&| \tabifEOF=!", max_size=30), max_size=5))
def test_any_lines_can_be_read(lines: list[str]) -> None:
    waits("\n".join(lines))


@pytest.mark.parametrize("piece", ["$(", "${", "{ ", "if ", "case x in ", "[[ ", "a=(", "'\"", "((", "`", "\\", "<<A "])
def test_a_long_line_is_read_once(piece: str) -> None:
    """One that looks back for each piece would take longer for this many than a test may."""
    waits(piece * 50_000)
    waits("\n".join([piece] * 50_000))
