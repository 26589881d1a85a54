"""A deck's page as the stage serves it: with the scripts of the stage, and a nonce on what may run. Pure."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from quarterdeck.markdown.pace import sections
from quarterdeck.regex import regex
from quarterdeck.render.word_table import AUTHOR, STAGE
from quarterdeck.render.words import words_of
from quarterdeck.serve.stage.conversation import digest_of_job
from quarterdeck.serve.stage.messages import SnippetConfig, StageConfig
from quarterdeck.serve.stage.run_request import shown_commands
from quarterdeck.snippets.frames import origin

if TYPE_CHECKING:
    from quarterdeck.snippets.plan import Job
    from quarterdeck.talk.talk import Talk

LIVE = "/live"
"""The one socket."""
ENTER = "/-/stage/enter"
CONFIG = '<script type="application/json" id="qd-config">'
_INLINE = regex(r"<script>(.*?)</script>", re.DOTALL)
_SCRIPT = regex(r'<script src="([^"]*)"></script>')


def inline_hash(template: str) -> str:
    """As a policy names the script that our own template holds, which is the same on every page; or nothing."""
    found = _INLINE.search(template)
    if found is None:
        return ""
    digest = hashlib.sha256(found[1].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def on_stage(
    page: str,
    *,
    url: str,
    nonce: str,
    allowed: Callable[[str], bool],
    stage: Mapping[str, Any] | None,
    script: str,
    stylesheets: Iterable[str],
    digest: str,
) -> str:
    """`script` runs before the deck's own, and is told the page's digest. `allowed` says whether the script at a URL of
    the site may run; all others are left out of the page.

    Raw HTML of a slide may bring scripts of other forms: they get no nonce, and do not run.
    """

    def with_nonce(match: re.Match[str]) -> str:
        target = html.unescape(match[1])
        resolved = target if "//" in target else posixpath.normpath(posixpath.join(posixpath.dirname(url), target))
        return f'<script nonce="{nonce}" src="{match[1]}"></script>' if allowed(resolved) else ""

    page = _SCRIPT.sub(with_nonce, page)
    if stage is None:
        return page
    sheets = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in stylesheets)
    told = f'<script type="application/json" id="qd-stage">{_json(stage)}</script>'
    block = f'{told}<script nonce="{nonce}" src="{script}" data-digest="{digest}"></script>'
    page = page.replace("</head>", f"{sheets}</head>", 1)
    before, config, rest = page.rpartition(CONFIG)
    return f"{before}{block}{config}{rest}" if config else page


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def about(talk: Talk, *, trusted: bool, edit: bool, release: str) -> StageConfig:
    parts = sections(talk.stacks, title=talk.title, minutes=talk.options.minutes)
    return StageConfig(
        deck=talk.file.name,
        trusted=trusted,
        edit=edit and trusted,
        release=release,
        minutes=talk.options.minutes or round(sum(each.minutes for each in parts), 3) or None,
        sections=parts,
        snippets={job.id: _snippet(job) for job in in_sequence(talk)},
        words=dict(words_of(talk.options.lang, STAGE, AUTHOR)),
        live=LIVE if trusted else "",
        enter=ENTER if trusted else "",
    )


def frames_of(stage: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Where a page may frame what runs: the origins that its snippets name, if they may run at all."""
    snippets = stage["snippets"].values() if stage is not None and stage["trusted"] else ()
    return tuple(sorted({origin(each["frame"]) for each in snippets if each["frame"]}))


def in_sequence(talk: Talk) -> list[Job]:
    """The deck's order, whatever the sessions."""
    return sorted(talk.snippets.plan.jobs, key=lambda job: job.span.line)


def _snippet(job: Job) -> SnippetConfig:
    options = job.options
    cols, rows = options.execution.pty or (100, 24)
    return SnippetConfig(
        digest=digest_of_job(job),
        session=job.session,
        slide=job.slide,
        kind=job.kind,
        typed=options.stage.typed,
        edit=options.stage.edit,
        next=options.plan.run == "next",
        commands=shown_commands(job),
        cols=cols,
        rows=rows,
        frame=options.display.frame,
    )
