"""Planning what runs: options and their mistakes, ids, sessions, keys, staleness, and what a deck would do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from quarterdeck.diagnostics import headline
from quarterdeck.errors import UsageError
from quarterdeck.model import (
    Block,
    BlockKind,
    Command,
    Diagnostic,
    Html,
    Option,
    Placed,
    Recording,
    Slide,
    Snippet,
    Span,
    Stack,
)
from quarterdeck.recordings.recorded import files_of
from quarterdeck.snippets.conditions import Address, Healthy, Log, Port
from quarterdeck.snippets.effects import effects_of
from quarterdeck.snippets.found import JobKind, Role
from quarterdeck.snippets.keys import matching
from quarterdeck.snippets.options import OPTIONS, RunOptions, value_of
from quarterdeck.snippets.plan import Job, Plan, commands_of, dep_globs, plan_deck
from quarterdeck.snippets.status import JobAction, RecordingState, needed, recording_problems, statuses
from quarterdeck.snippets.steps import Step
from quarterdeck.snippets.values import Expect, OutputPlace, ShownLines

FENCE = re.compile(r"^```(?P<language>\w*)(?: \{(?P<group>.*)\})?$")


def load_yaml(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from None


def fences(text: str) -> tuple[Snippet, ...]:
    """The fences of a slide's text: enough of Markdown for these tests."""
    found: list[Snippet] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        match = FENCE.match(lines[at])
        if not match:
            at += 1
            continue
        start = at
        options = []
        name = ""
        for word in shlex.split(match["group"] or ""):
            key, _, value = word.partition("=")
            if key.startswith("#"):
                name = key[1:]
                continue
            col = lines[start].index(key) + 1
            options.append(Option(key=key, value=value, span=Span(path="", line=start + 1, col=col)))
        at += 1
        while lines[at].startswith("#| "):
            key, _, value = lines[at][3:].partition(": ")
            options.append(Option(key=key, value=value.replace("\\n", "\n"), span=Span(path="", line=at + 1, col=4)))
            at += 1
        code_line = at + 1
        while lines[at] != "```":
            at += 1
        code = "".join(f"{line}\n" for line in lines[code_line - 1 : at])
        span = Span(path="", line=start + 1)
        found.append(
            Snippet(
                language=match["language"],
                code=code,
                code_line=code_line,
                id=name,
                options=tuple(options),
                span=span,
            )
        )
        at += 1
    return tuple(found)


def deck(*slides: str) -> tuple[Stack, ...]:
    stacks = []
    line = 1
    for number, text in enumerate(slides, start=1):
        html = Html(text if text.startswith("<") else "")
        slide = Slide(title="", slug="", blocks=(Block(kind=BlockKind.RAW, html=html),), slots=fences(text))
        count = text.count("\n") + 1
        placed = Placed(key=f"s{number}", slide=slide, line=line, end_line=line + count - 1, layout="plain")
        stacks.append(Stack(slides=(placed,)))
        line += count + 1
    return tuple(stacks)


def plan_of(
    *slides: str,
    snippets: Mapping[str, object] | None = None,
    sessions: Mapping[str, object] | None = None,
    deps: Mapping[str, str] | None = None,
    runners: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Plan, tuple[Diagnostic, ...]]:
    return plan_deck(
        deck(*slides),
        path="talk.md",
        load_yaml=load_yaml,
        snippets=snippets or {},
        sessions=sessions or {},
        deps=deps or {},
        runners=runners or {},
    )


def planned(*slides: str, deps: Mapping[str, str] | None = None) -> Plan:
    plan, problems = plan_of(*slides, deps=deps)
    assert [headline(each) for each in problems if each.code != "S104"] == []
    return plan


def told(problems: Sequence[Diagnostic]) -> list[str]:
    return [f"{headline(each)} | {each.hint}" for each in problems]


def fence(group: str, *, language: str = "bash", code: str = "ls") -> str:
    return f"```{language} {{{group}}}\n{code}\n```"


def only(plan: Plan) -> Job:
    assert len(plan.jobs) == 1
    return plan.jobs[0]


def recorded(plan: Plan, *, status: int = 0) -> dict[str, Recording]:
    return {
        job.id: Recording(
            id=job.id, key=job.key, parts=job.parts, commands=(Command(text="x", status=status),), events=()
        )
        for job in plan.jobs
    }


# options

VALUES = [
    ("timeout=60", "timeout_s", 60.0),
    ("timeout=1m30s", "timeout_s", 90.0),
    ("timeout=500ms", "timeout_s", 0.5),
    ("timeout=2h", "timeout_s", 7200.0),
    ("expect=fail", "expect", Expect(kind="fail")),
    ("expect=3", "expect", Expect(kind="status", status=3)),
    ("out=fragment", "out", OutputPlace(kind="fragment")),
    ("lines=20", "lines", ShownLines(count=20)),
    ("lines=all", "lines", ShownLines()),
    ("lines='head 5'", "lines", ShownLines(count=5, part="head")),
    ("lines='5 tail'", "lines", ShownLines(count=5)),
    ("pty", "pty", (100, 24)),
    ("pty=80x30", "pty", (80, 30)),
    ("pty=no", "pty", None),
    ("stdin=tty", "stdin", "tty"),
    ("stdin=a/b.txt", "stdin", "a/b.txt"),
    ("cwd=src/", "cwd", "src"),
    ("cwd=/tmp", "cwd", "/tmp"),
    ("env.A=1 env.B='x y'", "env", (("A", "1"), ("B", "x y"))),
    ("env='B=2 A=1'", "env", (("A", "1"), ("B", "2"))),
    ("bg wait=http://localhost:8080/", "wait", (Address(url="http://localhost:8080/"),)),
    ("bg wait='tcp:80 healthy:web'", "wait", (Port(port=80), Healthy(container="web"))),
    ("bg wait='log:web:/now ready/'", "wait", (Log(pattern="now ready", container="web"),)),
    ("mask='[0-9]+ ms'", "mask", ("[0-9]+ ms",)),
    ("requires=docker,network", "requires", ("docker", "network")),
    ("isolation=bubblewrap", "isolation", "bubblewrap"),
    ("image=python:3.12", "image", "python:3.12"),
    ("progress=tty", "progress", "tty"),
    ("type edit=yes", "typed", True),
    ("patience=9s", "patience_s", 9.0),
    ("type", "patience_s", 8.0),
    ("verify=output", "verify", "output"),
    ("session=web-1", "session", "web-1"),
    ("setup hide", "hide", True),
    ("hide=no", "hide", False),
    ("bg=no", "bg", False),
    ("type=false", "typed", False),
    ("edit=off", "edit", False),
    ("pty=yes", "pty", (100, 24)),
    ("kernel=no", "kernel", None),
    ("stdin=no", "stdin", "none"),
    ("setup=no", "setup", False),
    ("teardown=no", "teardown", False),
    ("hide=1", "hide", (1,)),
]


@pytest.mark.parametrize(("group", "field", "value"), VALUES, ids=[group for group, _, _ in VALUES])
def test_an_option_of_the_fence_is_read(group: str, field: str, value: object) -> None:
    plan, problems = plan_of(fence(f"run {group}"))
    assert told(problems) == []
    assert value_of(only(plan).options, field) == value


def test_long_options_are_yaml() -> None:
    text = (
        "```bash {run}\n#| steps: [{wait: '/ # '}, {send: ls, timeout: 5s}, {key: Ctrl+C}, {wait: /done/}]\n"
        "#| mask: ['a,b', c]\n#| timeout: 2m\n#| env: {A: 1}\nls\n```"
    )
    plan, problems = plan_of(text)
    assert told(problems) == []
    options = only(plan).options
    assert options.execution.steps == (
        Step(wait="/ # "),
        Step(send="ls", timeout_s=5.0),
        Step(key="ctrl-c"),
        Step(wait="/done/"),
    )
    assert (options.checks.mask, options.checks.timeout_s, options.execution.env) == (
        ("a,b", "c"),
        120.0,
        (("A", "1"),),
    )


MISTAKES = [
    ("run tiemout=5", "talk.md:1:14: error[S101]: unknown option 'tiemout' | did you mean 'timeout'?"),
    ("run timeout=soon", "S102]: option 'timeout' is 'soon', expected a duration such as 60s or 2m | "),
    ("run timeout", "S102]: option 'timeout' is nothing, expected a duration such as 60s or 2m | "),
    ("run timeout=0", "S102]: option 'timeout' is '0', expected a duration above zero | "),
    ("run expect=okay", "S102]: option 'expect' is 'okay', expected ok, fail, any or an exit status from 0 to 255"),
    ("run expect=256", "S102]: option 'expect' is '256'"),
    ("run out=#nowhere", "S108]: no element of the deck has the id 'nowhere'"),
    ("run lines=0", "S102]: option 'lines' is '0'"),
    ("run pty=9x9", "S102]: option 'pty' is '9x9'"),
    ("file=../x", "S102]: option 'file' is '../x', expected a file name inside of the session's folder"),
    ("file=/etc/x", "S102]: option 'file' is '/etc/x'"),
    ("run stdin=../x", "S102]: option 'stdin' is '../x'"),
    ("run env=A", "S102]: option 'env' is 'A', expected NAME=value pairs"),
    ("run env.1=A", "S102]: option 'env.1' is"),
    ("run wait=tcp:99999", "S102]: option 'wait': '99999' is no port"),
    ("run wait=http://example.org/", "S102]: option 'wait': 'example.org' is not this machine"),
    ("run mask='['", "S102]: option 'mask' is '[', expected a regular expression"),
    ("run steps=ls", "S102]: option 'steps' is 'ls', expected a list of steps"),
    ("run verify=outptu", "S102]: option 'verify' is 'outptu', expected status or output | did you mean 'output'?"),
    ("run deps=../x", "S102]: option 'deps' is '../x'"),
    ("run deps=x.py", "S111]: deps 'x.py' means no file beside the deck"),
    ("run hide=1-2", "S102]: option 'hide' names line 2, and the code has 1 line | lines are counted from 1"),
    ("run hide=2-1", "S102]: option 'hide' is '2-1', expected nothing, yes, no or lines such as 1-2,5"),
    ("hide=0", "S102]: option 'hide' is '0', expected nothing, yes, no or lines such as 1-2,5"),
    ("run hide=never", "S102]: option 'hide' is 'never', expected nothing, yes, no or lines such as 1-2,5"),
    ("run run", "S103]: option 'run' is given twice"),
    ("setup teardown", "S103]: options 'setup' and 'teardown' exclude each other"),
    ("run kernel session=a", "S103]: options 'kernel' and 'session' exclude each other"),
    ("timeout=5s", "S104]: 'timeout' without 'run': this snippet never runs"),
    ("run bg", "warning[S104]: 'bg' without 'wait'"),
    ("run bg frame=http://127.0.0.1:80/a", "'127.0.0.1' is the host of the stage itself: write http://localhost:80/a"),
    ("run frame=8080", "S102]: option 'frame' is '8080', expected the address of a page on this machine such as http"),
    ("run frame=http://localhost/ still", "S102]: option 'still' is nothing, expected a picture beside the talk"),
    ("run still=a.png", "warning[S104]: 'still' without 'frame': there is no page that this would be the picture of"),
    ("run fram=http://localhost/", "S101]: unknown option 'fram' | did you mean 'frame'?"),
    ("teardown frame=http://localhost/", "S103]: options 'frame' and 'teardown' exclude each other"),
    ("#con run", "S106]: the id 'con' cannot be the name of a recording's file"),
    ("#a/b run", "S106]: the id 'a/b' cannot be the name"),
]


def test_a_frame_makes_no_recording_stale_and_is_asked_about() -> None:
    (bare, _), (framed, problems) = plan_of(fence("#a run")), plan_of(fence("#a run frame=http://localhost:80 still=b"))
    assert problems == ()
    assert [job.key for job in framed.jobs] == [job.key for job in bare.jobs]
    assert framed.digest != bare.digest
    assert effects_of(framed).pages == ("http://localhost:80/",)


@pytest.mark.parametrize(("group", "problem"), MISTAKES, ids=[group for group, _ in MISTAKES])
def test_a_mistake_in_an_option_has_its_place_and_the_way_out(group: str, problem: str) -> None:
    _, problems = plan_of(fence(group))
    assert len(problems) == 1, told(problems)
    assert problem in told(problems)[0]


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("[{wiat: x}]", "expected step 1 to be 'send: text', 'wait: text' or 'key: name'"),
        ("[{send: x}, {key: entre}]", "step 2: no key is called 'entre' | did you mean 'enter'?"),
        ("[{wait: '/[/'}]", "step 1: '/[/' is no regular expression"),
        ("[{wait: ''}]", "step 1 has no text to wait for"),
        ("[x]", "expected step 1 to be"),
        ("{", "the value of 'steps' is no YAML"),
    ],
)
def test_a_mistake_in_a_step_names_the_step(steps: str, problem: str) -> None:
    _, problems = plan_of(f"```bash {{run}}\n#| steps: {steps}\nls\n```")
    assert len(problems) == 1
    assert "talk.md:2:4: error[S102]" in told(problems)[0]
    assert problem in told(problems)[0]


def test_the_nearer_of_two_values_wins_and_variables_add_up() -> None:
    plan, problems = plan_of(
        fence("run session=web timeout=1s env.C=3"),
        fence("run session=web"),
        fence("run"),
        snippets={"timeout": "5m", "env": {"A": 1, "B": 1}, "verify": "output"},
        sessions={"web": {"timeout": 90, "env": {"B": 2}}},
    )
    assert told(problems) == []
    options = {job.slide: job.options for job in plan.jobs}
    assert {name: each.checks.timeout_s for name, each in options.items()} == {"s1": 1, "s2": 90, "s3": 300}
    assert options["s1"].execution.env == (("A", "1"), ("B", "2"), ("C", "3"))
    assert options["s3"].execution.env == (("A", "1"), ("B", "1"))
    assert {each.checks.verify for each in options.values()} == {"output"}


def test_mistakes_in_defaults_stand_where_the_key_stands() -> None:
    places = {("snippets", "timout"): 3, ("sessions", "web", "run"): 6, ("sessions", "db"): 8}
    _, problems = plan_deck(
        deck(),
        path="talk.md",
        load_yaml=load_yaml,
        snippets={"timout": 5},
        sessions={"web": {"run": True}, "db": 3, "empty": None},
        place=lambda keys: Span(path="talk.md", line=places[keys]),
    )
    assert told(problems) == [
        "talk.md:3:1: error[S101]: unknown option 'timout' | did you mean 'timeout'?",
        "talk.md:6:1: error[S103]: option 'run' belongs to one snippet | write it on the fence of the snippet",
        "talk.md:8:1: error[S102]: session 'db' is '3', expected options such as timeout: 60s | ",
    ]


def test_every_option_has_a_field() -> None:
    options = RunOptions()
    names = [name for part in options.__struct_fields__ for name in getattr(options, part).__struct_fields__]
    assert sorted(spec.becomes or name for name, spec in OPTIONS.items()) == sorted(names)


YAMLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from([*OPTIONS, "env.X", "nonsense"]), value=YAMLS)
def test_no_value_at_all_is_an_exception(name: str, value: object) -> None:
    plan_of(fence("run"), snippets={name: value}, sessions={"main": {name: value}})


@given(name=st.sampled_from([*OPTIONS, "env.X"]), value=st.text(max_size=20))
def test_no_text_of_a_fence_is_an_exception(name: str, value: str) -> None:
    option = Option(key=name, value=value, span=Span(path="", line=1))
    snippet = Snippet(language="bash", code="ls\n", code_line=2, options=(option,), span=Span(path="", line=1))
    slide = Slide(title="", slug="", blocks=(), slots=(snippet,))
    placed = Placed(key="a", slide=slide, line=1, end_line=1, layout="plain")
    plan_deck([Stack(slides=(placed,))], path="t", load_yaml=load_yaml)


# what runs


def test_prompts_are_commands_and_the_rest_is_expected_output() -> None:
    code = "# first\n$ ls -l \\\n>   /tmp\nfile\n\n$ cat <<EOF\nhi\nEOF\n$ docker run -it busybox\n/ # ls\nbin\n"
    assert [(line.text, line.line, line.expected) for line in commands_of(code, first=10)] == [
        ("ls -l \\\n  /tmp", 11, ("file",)),
        ("cat <<EOF\nhi\nEOF", 15, None),
        ("docker run -it busybox", 18, ("/ # ls", "bin")),
    ]


def test_each_language_has_what_executes_it() -> None:
    plan = planned(
        fence("run", language="console", code="$ ls"),
        fence("run", language="", code="$ ls"),
        fence("run"),
        fence("run", language="python"),
        fence("run kernel", language="python"),
        fence("build=web:demo", language="dockerfile", code="FROM x"),
        fence("build=web context=app", language="dockerfile", code="FROM x"),
        fence("build=web file=a.Dockerfile", language="dockerfile", code="FROM x"),
        fence("", language="python"),
        fence("file=x.py", language="python"),
    )
    assert {job.slide: job.kind for job in plan.jobs} == {
        "s1": JobKind.SESSION,
        "s2": JobKind.SESSION,
        "s3": JobKind.SCRIPT,
        "s4": JobKind.PROGRAM,
        "s6": JobKind.BUILD,
        "s7": JobKind.BUILD,
        "s8": JobKind.BUILD,
        "s5": JobKind.KERNEL,
    }
    assert [job.commands[0].text for job in plan.jobs if job.kind is JobKind.BUILD] == [
        "docker build -t web:demo .",
        "docker build -t web app",
        "docker build -t web -f a.Dockerfile .",
    ]
    assert [file.path for file in plan.files] == ["Dockerfile", "app/Dockerfile", "a.Dockerfile", "x.py"]
    assert [(session.name, session.kernel) for session in plan.sessions] == [("main", ""), ("kernel-python", "python")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (fence("run", language="pythn"), "S109]: no runner for the language 'pythn' | did you mean 'python'?"),
        (fence("run", language="yaml"), "S109]: no runner for the language 'yaml' | a runner of your own goes into"),
        (fence("run", language=""), "S109]: a fence without a language cannot run"),
        (fence("run", language="dockerfile"), "S109]: a Dockerfile runs by being built | say build=NAME"),
        (fence("build=x", language="yaml"), "S109]: 'build' is for Dockerfiles"),
        (fence("run", language="console"), "S110]: nothing to run: no line of this session begins with a prompt"),
    ],
)
def test_what_nothing_can_run_is_reported(text: str, problem: str) -> None:
    plan, problems = plan_of(text)
    assert plan.jobs == ()
    assert len(problems) == 1
    assert problem in told(problems)[0]


def test_settings_add_runners_and_change_them() -> None:
    plan, problems = plan_of(
        fence("run", language="yaml"),
        fence("run", language="py"),
        runners={"yaml": ("yq", "{file}"), "python": ("pypy",)},
    )
    assert problems == ()
    assert [job.runner.argv for job in plan.jobs if job.runner] == [("yq", "{file}"), ("pypy",)]


# ids


def test_an_id_is_what_the_fence_runs_and_its_place_among_equal_ones() -> None:
    ls, ps = fence("run"), fence("run", code="docker ps -a --filter status=exited --no-trunc")
    plan = planned("\n".join([fence(""), ls, fence("#web run"), ls]), ps, fence("#ls-ef26a00b-2 run"), "", ls)
    assert [job.id for job in plan.jobs] == [
        *("ls-ef26a00b", "web", "ls-ef26a00b-3", "docker-ps-a-filter-status-exited-db89e4dd"),
        *("ls-ef26a00b-2", "ls-ef26a00b-4"),
    ]
    assert [job.named for job in plan.jobs] == [False, True, False, False, True, False]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("$ ls\n", "same"),
        ("$ ls\na.txt\nb.txt\n", "same"),
        ("$ ls   \n\n", "same"),
        ("$ ls -l\n", "another"),
        ("$ ls\n$ ls\n", "another"),
    ],
)
def test_what_a_fence_only_shows_does_not_change_its_id(code: str, expected: str) -> None:
    first = planned(fence("run", language="console", code="$ ls\nold.txt\n")).jobs[0].id
    now = planned(
        "# Another heading\n\nand a sentence", fence("run lines=3 out=fragment", language="console", code=code)
    )
    assert ("same" if now.jobs[0].id == first else "another") == expected


@pytest.mark.parametrize("code", ["#!/bin/sh\n", "é", "«»", "$(", "x" * 200, "con", "-rf /"])
def test_an_id_of_a_fence_is_the_name_of_a_file_everywhere(code: str) -> None:
    name = planned(fence("run", code=code)).jobs[0].id
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(name) <= 50


def test_two_equal_ids_are_reported_with_both_places() -> None:
    plan, problems = plan_of(fence("#Web run"), fence("#web run"))
    assert told(problems) == [
        "talk.md:5:1: error[S105]: two snippets have the id 'web'; the other is on line 1 | rename one of them"
    ]
    assert [job.id for job in plan.jobs] == ["Web", "ls-ef26a00b"]


def test_a_session_that_is_not_declared_is_reported() -> None:
    _, problems = plan_of(fence("run session=wbe"), fence("run"), fence("run session=web"), sessions={"web": {}})
    assert told(problems) == [
        (
            "talk.md:1:14: error[S107]: unknown session 'wbe': the front matter declares others | "
            "did you mean 'web'?; declared: web"
        )
    ]
    assert plan_of(fence("run session=any"))[1] == ()


def test_output_may_fill_an_element_of_any_slide() -> None:
    _, problems = plan_of(
        '<div class="x" id="there"></div>', fence("run out=#there"), fence("run out=#s1"), fence("#own run out=#own")
    )
    assert problems == ()
    _, problems = plan_of("<p id=there>", fence("run out=#ther"))
    assert [each.hint for each in problems] == ["did you mean '#there'?"]


def test_snippets_of_one_session_share_its_image() -> None:
    plan, problems = plan_of(fence("run"), fence("run image=python:3.12"))
    assert problems == ()
    assert {job.options.execution.image for job in plan.jobs} == {"python:3.12"}
    assert plan.sessions[0].image == "python:3.12"
    _, problems = plan_of(fence("run image=a"), fence("run image=b"), fence("run image=b session=other"))
    assert [headline(each) for each in problems] == [
        "talk.md:5:14: error[S103]: session 'main' has image=a since line 1"
    ]


# order, files and keys


def test_set_ups_come_first_and_tear_downs_last_in_reverse() -> None:
    plan = planned(
        fence("#down1 teardown"),
        fence("#a run"),
        fence("#up1 setup"),
        fence("#b run"),
        fence("#down2 teardown"),
        fence("#up2 setup"),
    )
    assert plan.sessions[0].jobs == ("up1", "up2", "a", "b", "down2", "down1")
    assert [job.previous for job in plan.jobs] == ["", "up1", "up2", "a", "b", "down2"]
    assert [job.role for job in plan.jobs][::3] == [Role.SETUP, Role.BODY]


def test_a_job_sees_the_latest_version_of_each_file_before_it() -> None:
    plan = planned(
        fence("file=a", language="text", code="one"),
        fence("#first run"),
        fence("file=a", language="text", code="two"),
        fence("file=b session=web", language="text", code="b"),
        fence("#second run"),
        fence("#third run session=web"),
        fence("file=c", language="text", code="c"),
    )
    seen = {job.id: {file.path: file.text for file in job.files} for job in plan.jobs}
    assert seen == {"first": {"a": "one\n"}, "second": {"a": "two\n"}, "third": {"a": "two\n", "b": "b\n"}}
    assert [file.line for file in plan.files] == [2, 10, 14, 26]


DECK = (
    fence("file=app.py", language="python", code="x = 1"),
    fence("#one run"),
    fence("#two run deps=data/**"),
    fence("#three run"),
    fence("#other run session=other"),
)
DEPS = {"data/a.csv": "1" * 64, "data/deep/b.csv": "2" * 64, "README": "3" * 64}


def states(before: Plan, after: Plan) -> dict[str, str]:
    return {
        each.id: f"{each.state}: {each.reason}" for each in statuses(after, recorded(before)) if each.state != "fresh"
    }


def edited(number: int, text: str) -> Plan:
    return planned(*(text if at == number else each for at, each in enumerate(DECK)), deps=DEPS)


@pytest.mark.parametrize(
    ("number", "text", "found"),
    [
        (1, fence("#one run", code="ls  \n\n"), {}),
        (1, f"prose\n\n{fence('#one run title=x out=below timeout=3s expect=any lines=3')}", {}),
        (
            2,
            fence("#two run deps=data/**", code="ls -l"),
            {"two": "stale: text changed", "three": "stale: predecessor #two changed"},
        ),
        (
            1,
            fence("#one run cwd=src"),
            {
                "one": "stale: option cwd changed",
                "two": "stale: predecessor #one changed",
                "three": "stale: predecessor #one changed",
            },
        ),
        (
            0,
            fence("file=app.py", language="python", code="x = 2"),
            dict.fromkeys(("one", "two", "three", "other"), "stale: file app.py changed"),
        ),
        (
            2,
            fence("#new run"),
            {"new": "missing: not recorded yet", "three": "stale: runs after #new now"},
        ),
        (4, fence("#other run session=other env.A=1"), {"other": "stale: option env changed"}),
        (4, fence("#other run session=other", language="python"), {"other": "stale: runner changed"}),
    ],
)
def test_an_edit_makes_stale_what_depends_on_it_and_says_why(number: int, text: str, found: dict[str, str]) -> None:
    before = planned(*DECK, deps=DEPS)
    assert states(before, before) == {}
    assert states(before, edited(number, text)) == found


def test_a_dependency_makes_stale_who_declares_it() -> None:
    before = planned(*DECK, deps=DEPS)
    after = planned(*DECK, deps={**DEPS, "data/a.csv": "9" * 64, "README": "9" * 64, "data/new": "1" * 64})
    assert states(before, after) == {
        "two": "stale: dep data/a.csv changed, dep data/new added",
        "three": "stale: predecessor #two changed",
    }
    assert dep_globs(deck(*DECK), load_yaml=load_yaml, snippets={"deps": "x"}, sessions={"a": {"deps": "y"}}) == (
        "data/**",
        "x",
        "y",
    )


def test_a_key_is_the_same_on_every_machine() -> None:
    plan = planned(fence("#a run env.A=1", code="ls\r"))
    assert only(plan).key == only(planned(f"\n{fence('run env.A=1')}")).key
    assert only(plan).key == "91d3a362ca63857dd2cc5994131b876fb054022621856abbbe17ada87afc9eed"


def test_moving_a_snippet_away_from_the_front_changes_what_follows() -> None:
    before = planned(fence("#a run"), fence("#b run"))
    after = planned(fence("#b run"))
    assert states(before, after) == {"b": "stale: nothing runs before it any more"}


def test_a_recording_whose_status_no_longer_meets_the_expected_one_is_stale() -> None:
    plan = planned(fence("#a run"), fence("#b run expect=fail"), fence("#c run expect=any"), fence("#d run expect=2"))
    found = statuses(plan, recorded(plan, status=1))
    assert {each.id: each.reason for each in found if each.reason} == {
        "a": "status 1 no longer meets expect=ok",
        "d": "status 1 no longer meets expect=2",
    }
    assert [told([each])[0] for each in recording_problems(found)] == [
        (
            "talk.md:1:1: warning[X201]: the recording 'a' is stale: status 1 no longer meets expect=ok | "
            "quarterdeck record --only a"
        ),
        (
            "talk.md:13:1: warning[X201]: the recording 'd' is stale: status 1 no longer meets expect=2 | "
            "quarterdeck record --only d"
        ),
    ]


def test_a_recording_of_another_format_says_so() -> None:
    plan = planned(fence("#a run"))
    old = {"a": replace(recorded(plan)["a"], key="x", parts=(("format", "0"),))}
    assert [each.reason for each in statuses(plan, old)] == ["recorded by another version of Quarterdeck"]


def actions(plan: Plan, *stale: str, **how: object) -> str:
    recordings = {name: each for name, each in recorded(plan).items() if name not in stale}
    found = needed(plan, statuses(plan, recordings), **how)  # type: ignore[arg-type]
    return " ".join(f"{name}:{action}" for name, action in found.items())


def test_what_comes_before_a_stale_snippet_runs_for_its_state() -> None:
    plan = planned(
        fence("#up setup"),
        fence("#a run"),
        fence("#b run"),
        fence("#c run"),
        fence("#down teardown"),
        fence("#x run session=o"),
    )
    assert actions(plan) == "up:skip a:skip b:skip c:skip down:skip x:skip"
    assert actions(plan, "b") == "up:state a:state b:record c:skip down:state x:skip"
    assert actions(plan, "b", "x", only=["a"]) == "up:state a:record b:skip c:skip down:state x:skip"
    assert actions(plan, everything=True) == "up:record a:record b:record c:record down:record x:record"
    with pytest.raises(UsageError, match="no snippet has the id 'bb'"):
        actions(plan, only=["bb"])
    assert {JobAction.RECORD, JobAction.STATE, JobAction.SKIP} == set(JobAction)
    assert RecordingState.FRESH in {each.state for each in statuses(plan, recorded(plan))}


def test_what_can_run_has_one_digest() -> None:
    plan = planned(*DECK, deps=DEPS)
    assert plan.digest == planned("prose", *DECK, deps=DEPS).digest
    assert plan.digest != edited(2, fence("#two run", code="rm x")).digest


# what it would do


def test_the_reach_of_a_deck_is_told_before_it_runs() -> None:
    plan = planned(
        fence(
            "build=web:demo",
            language="dockerfile",
            code="FROM python:3.12 AS base\nFROM base\nFROM --platform=x alpine",
        ),
        fence(
            "run requires=docker deps=src",
            language="console",
            code="\n".join(
                [
                    "$ docker run -d -p 8080:80 --name web nginx:latest sh -c 'docker pull no'",
                    "hash",
                    "$ sudo docker run -dp8081:80 -v ./src:/app -v myvolume:/data:ro web:demo",
                    "$ A=1 docker --context x run --rm --mount type=bind,source=/etc,target=/e -it busybox",
                    "$ docker pull redis && docker build -t other .",
                    "$ cat <<EOF",
                    "don't",
                    "EOF",
                ]
            ),
        ),
        fence(
            "file=compose.yaml",
            language="yaml",
            code="services:\n  a:\n    image: db:1\n    ports:\n      - '5432:5432'",
        ),
        fence("run session=two image=node:22", code="ls\ndocker network create n"),
        fence("run", language="python", code="a = 1\nb = 2"),
        deps={"src/app.py": "0" * 64},
    )
    found = effects_of(plan)
    assert found.images == ("nginx:latest", "busybox", "redis", "node:22", "python:3.12", "alpine", "db:1")
    assert found.builds == ("web:demo", "other")
    assert found.ports == ("8080:80", "8081:80", "5432:5432")
    assert found.folders == ("./src", "/etc")
    assert found.files == ("Dockerfile", "compose.yaml", "src/app.py")
    assert found.sessions == ("main", "two")
    assert found.requires == ("docker",)
    assert found.commands[0] == "docker build -t web:demo ."
    assert found.commands[-4:] == ("cat <<EOF …", "python: 2 lines", "ls", "docker network create n")


@given(st.text(alphabet="docker run -pv:./$'\"\\\n<>|&;()= 80", max_size=80))
def test_no_command_at_all_stops_the_question(code: str) -> None:
    plan, _ = plan_of(fence("run", code=code.replace("```", "")))
    effects_of(plan)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("data", ["data/.hidden", "data/a.csv", "data/b/c.csv"]),
        ("data/*", ["data/.hidden", "data/a.csv", "data/b/c.csv"]),
        ("data/*.csv", ["data/a.csv"]),
        ("**/*.csv", ["data/a.csv", "data/b/c.csv"]),
        ("data/?.csv", ["data/a.csv"]),
        (".", ["data/.hidden", "data/a.csv", "data/b/c.csv", "talk.md"]),
        ("Data", []),
    ],
)
def test_a_glob_means_the_same_files_by_name_and_on_disk(tmp_path: Path, pattern: str, meant: list[str]) -> None:
    for name in ("talk.md", "data/.hidden", "data/a.csv", "data/b/c.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    on_disk = [path.relative_to(tmp_path).as_posix() for path in files_of(tmp_path, [pattern])]
    every = [path.relative_to(tmp_path).as_posix() for path in files_of(tmp_path, ["."])]
    assert on_disk == meant
    assert [path for path, _ in matching(pattern, dict.fromkeys(every, ""))] == meant
