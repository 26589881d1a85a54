"""Values that snippets capture: what is found and what is refused, where names are places, order, keys and masks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from quarterdeck.diagnostics import headline
from quarterdeck.model import Command, Recording
from quarterdeck.recordings.cast import Damage, dump, load
from quarterdeck.recordings.comparison import compare
from quarterdeck.recordings.folder import CommandRun, compose, same_truth
from quarterdeck.recordings.recorded import Snippets
from quarterdeck.recordings.redact import redact, rules
from quarterdeck.recordings.still import rows_html, still, with_values
from quarterdeck.recordings.style import text_of
from quarterdeck.render.code import highlight
from quarterdeck.site.pipeline import Builder
from quarterdeck.snippets.holes import Capture, Hole, fill, find, hider, holes_in, unfit
from quarterdeck.snippets.plan import Plan
from quarterdeck.snippets.status import JobAction, RecordingState, needed, statuses
from quarterdeck.talk.request import request

ID = "3f2a" * 16
Read = Callable[[str], Snippets]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A talk's snippets, read from its file."""

    def make(text: str) -> Snippets:
        (tmp_path / "quarterdeck.toml").write_text("")
        (tmp_path / "talk.md").write_text(text, "utf-8")
        (talk,) = Builder().read(request([tmp_path / "talk.md"], cwd=tmp_path, output=None, overrides={}))
        return talk.snippets

    return make


def mistakes(snippets: Snippets) -> list[str]:
    return [headline(each) for each in snippets.mistakes]


# What is found


@pytest.mark.parametrize(
    ("pattern", "output", "value"),
    [
        ("([0-9a-f]{64})", f"Pulling\r\n\x1b[32m{ID}\x1b[0m\r\n", ID),
        ("[0-9a-f]{64}", f"a {ID} b", ID),
        (r"^port (\d+)$", "a port 1\r\nport 8080\r\nport 9\r\n", "8080"),
        (r"(\d+)%", "5%\r50%\r100%\r\n", "5"),
        (r"^(\d+)%$", "x5%\r50%\r\n", "50"),
        ("(a)?b", "b", "b"),
        ("", f"one\r\n{ID}\r\n\r\n", ID),
    ],
)
def test_a_value_is_the_first_group_of_the_first_match_in_the_text(pattern: str, output: str, value: str) -> None:
    assert find([Capture(name="x", pattern=pattern)], output) == ((("x", value),), "")


def test_several_values_come_from_one_output() -> None:
    wanted = [Capture(name="port", pattern=r":(\d+)"), Capture(name="host", pattern="^([a-z.]+):")]
    assert find(wanted, "localhost:80\r\n") == ((("host", "localhost"), ("port", "80")), "")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("$(rm -rf ~)", "holds '$'"),
        ("a b", "holds ' '"),
        ("a;b", "holds ';'"),
        ("`id`", "holds '`'"),
        ("a\nb", "holds '\\n'"),
        ("'a'", 'holds "\'"'),
        ("~root", "holds '~'"),
        ("a*", "holds '*'"),
        ("--privileged", "option"),
        ("\u202ea", "holds '\\u202e'"),
        ("\uff41", "holds"),
        ("", "empty"),
        ("a" * 1001, "longer"),
    ],
)
def test_what_a_shell_may_take_for_more_than_a_word_is_refused(value: str, why: str) -> None:
    assert why in unfit(value)


@given(st.text(max_size=30))
def test_a_value_that_is_taken_is_one_word_to_a_shell(text: str) -> None:
    if not unfit(text):
        assert shlex.split(text) == [text]
        assert shlex.quote(text) == text


@pytest.mark.parametrize(("output", "pattern"), [("", ""), ("nothing", r"\d+"), ("a; b", "")])
def test_no_value_is_told_with_its_name(output: str, pattern: str) -> None:
    found, why = find([Capture(name="port", pattern=pattern)], output)
    assert found == ()
    assert "'<port>'" in why


# Where a name is a place


def test_names_are_places_where_somebody_types() -> None:
    code = "$ docker logs <cid>\n<cid> printed\n$ cat <<cid>\n> not a <cid>\n> END\n"
    found = [(hole.line, hole.col, hole.name) for hole in holes_in(code, "console")]
    assert found[0] == (1, 15, "cid")
    assert 2 not in {line for line, _, _ in found}
    assert list(holes_in("<cid>\n", "text")) == [Hole(name="cid", line=1, col=1)]


def test_only_names_with_a_value_are_filled() -> None:
    assert fill("a <x> <y> <x-y> <<x> < x>", {"x": "1"}) == "a 1 <y> <x-y> <<x> < x>"


@pytest.mark.parametrize(
    ("code", "language", "count"),
    [
        ("docker logs <cid> | grep '<cid>'\n", "bash", 2),
        ('$ docker logs "a<cid>b"\n<cid>\n', "console", 1),
        ("x = '<cid>' # <cid>\n", "python", 2),
        ("<cid> <b>\n", "html", 1),
        ("no such language: <cid>\n", "klingon", 1),
    ],
)
def test_a_place_is_one_element_and_the_text_stays_what_it_was(code: str, language: str, count: int) -> None:
    lines = highlight(code, language, frozenset({"cid"}))
    plain = highlight(code, language)
    html = "\n".join(lines)
    assert html.count('<span class="qd-hole" data-hole="cid" role="button" tabindex="0">&lt;cid&gt;</span>') == count
    assert [_text(line) for line in lines] == [_text(line) for line in plain] == code.rstrip("\n").split("\n")


def _text(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


def test_a_still_shows_the_recorded_value_and_never_in_output() -> None:
    take = CommandRun(text="echo <x> <y>", status=0, at_s=0, chunks=((0.1, b"<x>\r\n"),))
    recording = compose([take], id="a", key="k", ended_s=1)
    rows = with_values(still(recording.events), {"x": "42", "y": ""})
    assert [text_of(row) for row in rows] == ["$ echo 42 <y>", "<x>"]
    html = rows_html(rows)
    assert (
        '<span class="qd-command qd-hole" data-hole="x" data-recorded="42" role="button" tabindex="0">42</span>' in html
    )
    assert '<span class="qd-command qd-hole" data-hole="y" role="button" tabindex="0">&lt;y&gt;</span>' in html


# The option


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("capture=cid", [("cid", "")]),
        ("capture='cid=/^([0-9a-f]{12})/'", [("cid", "^([0-9a-f]{12})")]),
        ("capture='cid=/a b/c/'", [("cid", "a b/c")]),
    ],
)
def test_a_capture_on_the_fence(read: Read, option: str, expected: list[tuple[str, str]]) -> None:
    snippets = read(f"```console {{#a run {option}}}\n$ ls\n```\n")
    assert mistakes(snippets) == []
    assert [(each.name, each.pattern) for each in snippets.plan.jobs[0].options.execution.capture] == expected


def test_captures_in_option_lines(read: Read) -> None:
    code = "#| capture:\n#|   cid: ([0-9a-f]{64})\n#|   last:\n$ ls\n"
    snippets = read(f"```console {{#a run}}\n{code}```\n")
    assert mistakes(snippets) == []
    assert snippets.plan.captures == {"cid": "a", "last": "a"}
    as_list = read("```console {#a run}\n#| capture: [one, 'two=/(x)/']\n$ ls\n```\n")
    assert as_list.plan.captures == {"one": "a", "two": "a"}


@pytest.mark.parametrize(
    ("fence", "expected"),
    [
        ("{#a run capture='x=/(/'}", "1:20: error[S102]: option 'capture' is 'x=/(/', expected a regular expression"),
        ("{#a run capture=a.b}", "1:20: error[S102]: option 'capture' is 'a.b', expected a name such as container-id"),
        ("{#a run capture}", "1:20: error[S102]: option 'capture' is nothing, expected a name"),
        ("{#a capture=x}", "1:16: warning[S104]: 'capture' without 'run': this snippet never runs"),
        ("{#a teardown capture=x}", "1:16: error[S103]: options 'capture' and 'teardown' exclude each other"),
    ],
)
def test_a_capture_that_cannot_be_is_told_with_its_place(read: Read, fence: str, expected: str) -> None:
    told = mistakes(read(f"```console {fence}\n$ ls\n```\n"))
    assert len(told) == 1
    assert told[0].startswith(f"talk.md:{expected}"), told


# Order


def test_a_use_may_be_in_commands_scripts_steps_and_in_what_does_not_run(read: Read) -> None:
    snippets = read(
        """
```text
<cid> is text up here
```

```console {#start run capture=cid}
$ echo 1
```

```console {#shell run}
$ echo <cid> <other>
```

```python {#script run}
print("<cid>")
```

```console {#talk run}
#| steps:
#|   - send: echo <cid>
$ cat
```

```bash
docker logs <cid>
```

```yaml {file=a.yaml}
name: <cid>
```
"""
    )
    assert mistakes(snippets) == []
    assert {job.id: job.uses for job in snippets.plan.jobs} == {
        "start": (),
        "shell": ("cid",),
        "talk": ("cid",),
        "script": ("cid",),
    }
    assert [each.snippet.language for each in snippets.plan.holed] == ["console", "python", "bash"]


def test_setups_run_first_and_have_no_value_of_what_runs_later(read: Read) -> None:
    snippets = read("```console {#a run capture=x}\n$ ls\n```\n\n```console {#b setup}\n$ echo <x>\n```\n")
    assert mistakes(snippets) == [
        "talk.md:6:8: error[S113]: '<x>' has no value here: the snippet that captures it, on line 1, runs later"
    ]


def test_sessions_that_wait_for_each_other_in_a_circle_are_told(read: Read) -> None:
    snippets = read(
        "```console {#b2 run session=b capture=y}\n$ echo 1\n```\n\n"
        "```console {#a4 run}\n$ echo <y>\n```\n\n"
        "```console {#a5 run capture=x}\n$ echo 1\n```\n\n"
        "```console {#b6 setup session=b}\n$ echo <x>\n```\n"
    )
    assert [told.partition(": '")[0] for told in mistakes(snippets)] == ["talk.md:14:8: error[S113]"]
    assert {job.id: job.uses for job in snippets.plan.jobs} == {"b6": (), "b2": (), "a4": ("y",), "a5": ()}


TWO = """
```console {{#start run{pattern}}}
$ echo {text}
```

```console {{#far run session=far}}
$ echo one
```

```console {{#use run session=far}}
$ echo <cid>
```

```console {{#next run}}
$ echo three
```
"""


def keys_of(plan: Plan) -> dict[str, str]:
    return {job.id: job.key for job in plan.jobs}


def test_the_key_of_a_use_depends_on_the_capture_in_another_session(read: Read) -> None:
    first = keys_of(read(TWO.format(pattern=" capture=cid", text="a")).plan)
    text = keys_of(read(TWO.format(pattern=" capture=cid", text="b")).plan)
    pattern = keys_of(read(TWO.format(pattern=" capture='cid=/(.)/'", text="a")).plan)
    for other in (text, pattern):
        assert {name for name in first if first[name] != other[name]} == {"start", "use", "next"}
    none = keys_of(read(TWO.format(pattern="", text="a")).plan)
    assert {name for name in first if first[name] != none[name]} == {"start", "use", "next"}


def test_a_stale_use_says_what_changed(read: Read) -> None:
    before = read(TWO.format(pattern=" capture=cid", text="a")).plan
    recorded = {job.id: _recording(job.id, job.key, parts=job.parts) for job in before.jobs}
    after = read(TWO.format(pattern=" capture=cid", text="b")).plan
    assert {each.id: each.reason for each in statuses(after, recorded) if each.state is RecordingState.STALE} == {
        "start": "text changed",
        "next": "predecessor #start changed",
        "use": "capture of <cid> changed",
    }


def _recording(name: str, key: str, **more: object) -> Recording:
    take = CommandRun(text="x", status=0, at_s=0)
    return replace(compose([take], id=name, key=key, ended_s=1), **more)


def test_what_captures_a_value_runs_again_for_a_use_in_another_session(read: Read) -> None:
    plan = read(TWO.format(pattern=" capture=cid", text="a")).plan
    recorded = {job.id: _recording(job.id, job.key) for job in plan.jobs}
    actions = needed(plan, statuses(plan, recorded), only=["use"])
    assert actions == {
        "start": JobAction.STATE,
        "next": JobAction.SKIP,
        "far": JobAction.STATE,
        "use": JobAction.RECORD,
    }
    actions = needed(plan, statuses(plan, recorded), only=["far"])
    assert actions == {"start": JobAction.SKIP, "next": JobAction.SKIP, "far": JobAction.RECORD, "use": JobAction.SKIP}


# What is kept


def _of(value: str, said: str) -> Recording:
    take = CommandRun(text="echo <cid>", status=0, at_s=0, chunks=((0.1, said.encode()),))
    return replace(compose([take], id="a", key="k", ended_s=1), filled=(("cid", value),))


def test_values_are_in_the_file_and_an_older_file_has_none() -> None:
    whole = replace(_of("12345", "x"), captured=(("port", "80"),))
    again = load(dump(whole), "a.cast")
    assert not isinstance(again, Damage)
    assert (again.captured, again.filled) == ((("port", "80"),), (("cid", "12345"),))
    bare = replace(whole, captured=(), filled=())
    assert b"captured" not in dump(bare)
    assert b"filled" not in dump(bare)
    broken = load(dump(whole).replace(b'"captured": {"port": "80"}', b'"captured": {"port": 80}'), "a.cast")
    assert isinstance(broken, Damage)
    assert "'captured'" in broken.message


def test_another_value_is_no_other_truth() -> None:
    one, two = _of("brave-fox", "hello brave-fox\r\n"), _of("sad-owl", "hello sad-owl\r\n")
    assert compare(one, two) is None
    assert same_truth(one, two)
    wrong = _of("sad-owl", "hello brave-fox\r\n")
    assert compare(one, wrong) is not None
    assert not same_truth(one, wrong)


def test_a_value_is_hidden_as_a_whole_word() -> None:
    hide = hider([("a", "fox-1"), ("b", "fox-12"), ("c", "80")])
    assert hide("fox-1 fox-12 fox-123 xfox-1 80") == "<a> <b> fox-123 xfox-1 80"


def test_a_secret_is_taken_out_of_the_values() -> None:
    token = "ghp_" + "a1" * 15
    recording = replace(_of(token, token), captured=(("token", token),))
    cleaned = redact(recording, rules()[0])
    assert token.encode() not in dump(cleaned.recording)
    assert cleaned.found == (("GitHub token", 1),)


def test_commands_are_compared_as_the_deck_has_them() -> None:
    assert _of("1111", "").commands == (Command(text="echo <cid>", status=0),)
