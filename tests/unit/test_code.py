"""Highlighting: what each language looks like line by line, and that no text at all can break a page."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.model import Snippet, Span
from quarterdeck.render.code import (
    ALIASES,
    OURS,
    PLAIN,
    check_language,
    display_name,
    highlight,
    is_known,
    near,
    output_lines,
)
from quarterdeck.render.lexers.shell import words
from quarterdeck.snippets.prompts import is_prompted

_SPAN = re.compile(r'<span class="(\w+)">([^<]*)</span>')


def marks(code: str, language: str) -> list[str]:
    """Each line with its spans as `class{text}`."""
    return [unescape(_SPAN.sub(r"\1{\2}", line)) for line in highlight(code, language)]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


SHELL = [
    ("docker run -d --name web -p 8080:80 nginx", "nf{docker} nf{run} na{-d} na{--name} web na{-p} 8080:80 nginx"),
    ("docker volume create data", "nf{docker} nf{volume} nf{create} data"),
    ("docker compose --file x.yaml up -d", "nf{docker} nf{compose} na{--file} nf{x.yaml} up na{-d}"),
    ("A=1 sudo docker ps | wc -l", "nv{A}o{=}1 nf{sudo} nf{docker} nf{ps} o{|} nf{wc} na{-l}"),
    ("if [ -f x ]; then cd y; fi", "k{if} nb{[} na{-f} x ]o{;} k{then} nb{cd} yo{;} k{fi}"),
    ('echo "in $HOME and $(id -u) here"', 'nb{echo} s2{"in }nv{$HOME}s2{ and }si{$(}nf{id} na{-u}si{)}s2{ here"}'),
    ("echo ${X:-y} '$no' $1 $?", "nb{echo} nv{${X:-y}} s1{'$no'} nv{$1} nv{$?}"),
    ("echo it's # said", "nb{echo} it's c1{# said}"),
    ("echo a#b", "nb{echo} a#b"),
    ("ls 2>&1 >/dev/null", "nf{ls} o{2>&}1 o{>}/dev/null"),
    ("docker logs <container-id>", "nf{docker} nf{logs} ni{<container-id>}"),
    ("names=(one two)", "nv{names}o{=}p{(}one twop{)}"),
    ("x=`date -u`", "nv{x}o{=}si{`}nf{date} na{-u}si{`}"),
    ("cat <<< word", "nf{cat} o{<<<} word"),
]


@pytest.mark.parametrize(("code", "line"), SHELL, ids=[code for code, _ in SHELL])
def test_a_shell_command_shows_its_programs_options_and_variables(code: str, line: str) -> None:
    assert marks(code, "bash") == [line]


def test_a_heredoc_is_text_with_its_variables_unless_it_is_quoted() -> None:
    code = "cat <<EOF >x\nhi $A\nEOF\ncat <<-'END'\n\thi $A\n\tEND\nls\n"
    assert marks(code, "sh") == [
        "nf{cat} o{<<}dl{EOF} o{>}x",
        "sh{hi }nv{$A}",
        "dl{EOF}",
        "nf{cat} o{<<-}dl{'END'}",
        "sh{\thi $A}",
        "dl{\tEND}",
        "nf{ls}",
    ]


def test_a_heredoc_without_an_end_does_not_swallow_the_rest() -> None:
    assert marks("cat <<EOF\nls -l\n", "bash")[1] == "nf{ls} na{-l}"


DOCKERFILE = [
    ("FROM python:3.12 AS build", ["k{FROM} s{python:3.12} k{AS} nl{build}"]),
    ("from --platform=$P alpine", ["k{from} na{--platform}o{=}nv{$P} s{alpine}"]),
    ("COPY --from=build /a ./b", ["k{COPY} na{--from}o{=}nl{build} /a ./b"]),
    ('COPY ["a b", "/c"]', ['k{COPY} p{[}s2{"a b"}p{,} s2{"/c"}p{]}']),
    ('CMD ["uvicorn", "app"]', ['k{CMD} p{[}s2{"uvicorn"}p{,} s2{"app"}p{]}']),
    ("CMD uvicorn --port 80", ["k{CMD} nf{uvicorn} na{--port} 80"]),
    ("RUN --mount=type=cache,target=/c pip list", ["k{RUN} na{--mount}o{=}type=cache,target=/c nf{pip} nf{list}"]),
    ('ENV A=1 B="c d" C=${A:-x}', ['k{ENV} nv{A}o{=}1 nv{B}o{=}s2{"c d"} nv{C}o{=}nv{${A:-x}}']),
    ("ENV KEY some value", ["k{ENV} nv{KEY} some value"]),
    ("EXPOSE 8080/tcp 53", ["k{EXPOSE} mi{8080}/tcp mi{53}"]),
    ("HEALTHCHECK --interval=5s CMD curl -f x", ["k{HEALTHCHECK} na{--interval}o{=}5s k{CMD} nf{curl} na{-f} x"]),
    ("HEALTHCHECK NONE", ["k{HEALTHCHECK} k{NONE}"]),
    ("ONBUILD COPY . .", ["k{ONBUILD} k{COPY} . ."]),
    ("# syntax=docker/dockerfile:1\n# note", ["cp{# syntax=docker/dockerfile:1}", "c1{# note}"]),
    (
        "RUN a && \\\n  # why\n  b -c\nUSER x",
        ["k{RUN} nf{a} o{&&} se{\\}", "c1{  # why}", "  nf{b} na{-c}", "k{USER} x"],
    ),
    ("COPY a \\\n  # why\n  b\nUSER x", ["k{COPY} a se{\\}", "  c1{# why}", "  b", "k{USER} x"]),
    ("# escape=`\nRUN dir `\n  c:\\x\nUSER y", ["cp{# escape=`}", "k{RUN} nf{dir} se{`}", "  c:\\x", "k{USER} y"]),
    ("RUN <<EOF\nls -l\nEOF\nUSER x", ["k{RUN} o{<<}dl{EOF}", "nf{ls} na{-l}", "dl{EOF}", "k{USER} x"]),
    ("RUN python3 <<EOF\nx = 1\nEOF", ["k{RUN} nf{python3} o{<<}dl{EOF}", "sh{x = 1}", "dl{EOF}"]),
    ("COPY <<EOF /a\nhi $X\nEOF\nUSER x", ["k{COPY} <<EOF /a", "sh{hi }nv{$X}", "dl{EOF}", "k{USER} x"]),
    ("RUN <<EOF\nUSER x", ["k{RUN} o{<<}dl{EOF}", "k{USER} x"]),
    ("… later", ["… later"]),
]


@pytest.mark.parametrize(("code", "lines"), DOCKERFILE, ids=[code for code, _ in DOCKERFILE])
def test_the_instructions_of_a_dockerfile_are_its_structure(code: str, lines: list[str]) -> None:
    assert marks(code, "dockerfile") == lines


SESSIONS = [
    ("$ docker ps\nID NAME\n", ["gp{$ }nf{docker} nf{ps}", "go{ID NAME}"]),
    ("$ ls \\\n> -l\n-rw\n", ["gp{$ }nf{ls} se{\\}", "gp{> }na{-l}", "go{-rw}"]),
    ("$ ls \\\n  -l\n-rw\n", ["gp{$ }nf{ls} se{\\}", "  na{-l}", "go{-rw}"]),
    ("# whoami\nroot\n", ["gp{# }nf{whoami}", "go{root}"]),
    (
        "# first\n$ ls\n# deps\n\n# then\n$ ls\n",
        ["c1{# first}", "gp{$ }nf{ls}", "go{# deps}", "", "c1{# then}", "gp{$ }nf{ls}"],
    ),
    ("me@host:~/x$ ls\na\n", ["gp{me@host:~/x$ }nf{ls}", "go{a}"]),
    ("(venv) $ ls\n$ ls\n", ["gp{(venv) $ }nf{ls}", "gp{$ }nf{ls}"]),
    ("PS> dir\nx\nPS C:\\> dir\n", ["gp{PS> }nf{dir}", "go{x}", "gp{PS C:\\> }nf{dir}"]),
    (
        "$ docker run -it busybox\n/ # ls\nbin\n",
        ["gp{$ }nf{docker} nf{run} na{-it} busybox", "gp{/ # }nf{ls}", "go{bin}"],
    ),
    ("$ cat <<EOF\n$ hi\nEOF\nx\n", ["gp{$ }nf{cat} o{<<}dl{EOF}", "sh{$ hi}", "dl{EOF}", "go{x}"]),
    ("$ cat <<EOF\n> hi\n> EOF\nhi\n", ["gp{$ }nf{cat} o{<<}dl{EOF}", "gp{> }sh{hi}", "gp{> }dl{EOF}", "go{hi}"]),
    ("$ diff a b\n> new\n", ["gp{$ }nf{diff} a b", "go{> new}"]),
    ("$ echo 'a\nb'\na\nb\n", ["gp{$ }nb{echo} s1{'a}", "s1{b'}", "go{a}", "go{b}"]),
    ("$ echo don't\ndont\n$ ls\n", ["gp{$ }nb{echo} don't", "go{dont}", "gp{$ }nf{ls}"]),
    ("$ for i in 1; do\n>   ls\n> done\nx\n", None),
    ("$\n", ["gp{$}"]),
    ("$ cat <<< hi\nhi\n", ["gp{$ }nf{cat} o{<<<} hi", "go{hi}"]),
    ("$ printf 'a\\n> b\\n'\na\n> b\n", ["gp{$ }nb{printf} s1{'a\\n> b\\n'}", "go{a}", "go{> b}"]),
    ("$\u00a0ls\n$\tls\n", ["gp{$\u00a0}nf{ls}", "gp{$\t}nf{ls}"]),
    ("bash-5.1$ ls\na\n", ["gp{bash-5.1$ }nf{ls}", "go{a}"]),
    ("me@mac ~ % ls\na\nme@mac x % ls\n", ["gp{me@mac ~ % }nf{ls}", "go{a}", "gp{me@mac x % }nf{ls}"]),
    ("me@host ~> ls\na\nme@host /tmp> ls\n", ["gp{me@host ~> }nf{ls}", "go{a}", "gp{me@host /tmp> }nf{ls}"]),
    ("% ls\n50% of it\n", ["gp{% }nf{ls}", "go{50% of it}"]),
    ("❯ ls\na\n❯ git log\n", ["gp{❯ }nf{ls}", "go{a}", "gp{❯ }nf{git} nf{log}"]),
    ("➜  ~ git:(main) ✗ ls\na\n➜  x ls\n", ["gp{➜  ~ git:(main) ✗ }nf{ls}", "go{a}", "gp{➜  x }nf{ls}"]),
    ("> ls\na\n> ls\n", ["gp{> }nf{ls}", "go{a}", "gp{> }nf{ls}"]),
    ("$ ls\n% ls\nme@mac ~ % ls\n", ["gp{$ }nf{ls}", "go{% ls}", "go{me@mac ~ % ls}"]),
    ("50% done\n", ["go{50% done}"]),
]


@pytest.mark.parametrize(("code", "lines"), SESSIONS, ids=[code for code, _ in SESSIONS])
def test_a_session_tells_prompts_commands_and_output_apart(code: str, lines: list[str] | None) -> None:
    found = marks(code, "console")
    assert found == (lines or ["gp{$ }k{for} i in 1o{;} k{do}", "gp{> }  nf{ls}", "gp{> }k{done}", "go{x}"])


def test_a_script_that_begins_with_a_prompt_is_a_session() -> None:
    assert is_prompted("$ ls\na\n", "bash")
    assert is_prompted("$ ls\na\n", "")
    assert is_prompted("", "console")
    assert not is_prompted("# ls\na\n", "bash")
    assert not is_prompted("$ ls\n", "python")
    assert output_lines("$ ls \\\n  -l\na\n\n$ ls\nb", "sh") == {3, 4, 6}
    assert output_lines("ls\na\n", "sh") == frozenset()


@pytest.mark.parametrize(
    "language",
    sorted(
        words(
            """
            sh shell zsh bash console terminal docker dockerfile Dockerfile yml yaml compose json jsonc mermaid text
            plain txt output ascii python py js ts go rust toml ini sql html css diff make powershell java kotlin c
            cpp c# nginx xml
            """
        )
    ),
)
def test_what_authors_write_is_known(language: str) -> None:
    assert is_known(language)
    assert highlight("x = 1\n", language)


def test_every_alias_leads_to_a_lexer() -> None:
    assert [word for word in ALIASES if display_name(ALIASES[word]) == ALIASES[word]] == []


def test_a_quiet_label_names_the_language() -> None:
    labels = {
        "docker": "Dockerfile",
        "sh": "Shell",
        "py": "Python",
        "yml": "YAML",
        "console": "Console",
        "text": "",
        "": "",
    }
    assert {word: display_name(word) for word in labels} == labels
    assert display_name("klingon") == "klingon"


def test_an_unknown_language_has_the_nearest_name_and_stays_plain() -> None:
    span = Span(path="", line=3)
    assert [found.hint for found in check_language(Snippet(language="dokcerfile", code="", span=span))] == [
        "did you mean 'dockerfile'?"
    ]
    assert check_language(Snippet(language="Python", code="", span=span)) == ()
    assert near("pyton") == "python"
    assert near("qqqqqqqq") == ""
    assert highlight("a <b> & c\n", "klingon") == ("a &lt;b&gt; &amp; c",)


def test_spans_never_cross_lines() -> None:
    assert marks('"""a\nb"""\n', "python") == ['sd{"""a}', 'sd{b"""}']


LANGUAGES = st.sampled_from(["", "text", "klingon", "python", "yaml", "json", "html", "diff", "js", *OURS])
PIECES = st.sampled_from(
    [
        *"$#><&|;(){}[]\\\"'`= \n\n\t",
        "$ ",
        "> ",
        "# ",
        "<<EOF",
        "\nEOF\n",
        "$(",
        "${",
        "RUN ",
        "\nFROM ",
        "a",
        "\\\n",
        "if ",
        " fi",
        "é",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))


@given(code=TEXTS, language=LANGUAGES)
def test_any_text_comes_back_line_by_line_with_balanced_spans(code: str, language: str) -> None:
    lines = highlight(code, language)
    assert "\n".join(map(plain, lines)) == (code.removesuffix("\n"))
    for line in lines:
        assert _SPAN.sub(r"\2", line).count("<") == 0


@given(code=TEXTS, language=st.sampled_from([*OURS]))
def test_our_lexers_lose_nothing(code: str, language: str) -> None:
    assert "".join(text for _, text in OURS[language](f"{code}\n")) == f"{code}\n"


@pytest.mark.parametrize("language", ["bash", "console", "dockerfile", "yaml"])
@pytest.mark.parametrize(
    "line",
    ["$ cat <<A '\"$(`${x", "RUN a && \\", "$ a \\", "# x", "$ for x in (", "x\\", "$ echo '", "RUN <<EOF", "> x <<B"],
)
def test_a_lexer_takes_time_in_proportion_to_odd_lines(line: str, language: str) -> None:
    """One that looks back at each line would take longer for this many than a test may."""
    assert len(highlight(f"{line}\n" * 20_000, language)) == 20_000


def test_a_minified_line_is_plain() -> None:
    assert highlight("x = 1;" * 2000, "js") == ("x = 1;" * 2000,)


def test_importing_the_highlighter_loads_no_lexer() -> None:
    code = "import sys, quarterdeck.render.code; print(*[n for n in sys.modules if n.startswith('pygments.lexers.')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["pygments.lexers._mapping"]


def test_plain_languages_have_no_spans() -> None:
    assert [word for word in PLAIN if highlight("if x: 'y'\n", word) != ("if x: 'y'",)] == []
