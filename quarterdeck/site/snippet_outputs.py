"""What the slides of a deck show of their snippets: each output is made once, and its replay once per recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import located
from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Html, Placed, Slot, Snippet
from quarterdeck.project.assets import AssetCollection
from quarterdeck.recordings.pictures import picture_name
from quarterdeck.recordings.shown import shown_part
from quarterdeck.render.outputs import outputs_html
from quarterdeck.render.terminal import OWN_TERMINAL, SnippetOutput, replay_script, terminal_html
from quarterdeck.site.builds import RenderContext
from quarterdeck.site.references import TO_ROOT, frame_of
from quarterdeck.snippets.hidden import hidden_commands, is_hidden
from quarterdeck.snippets.holes import NO_VALUES, Values
from quarterdeck.snippets.plan import Job
from quarterdeck.talk.talk import Talk


class DeckOutputs(Struct, frozen=True, kw_only=True):
    by_slide: Mapping[str, Sequence[SnippetOutput | None]]
    """By key of a slide, one for each of its slots."""
    problems: Mapping[str, Sequence[Diagnostic]]
    """By key of a slide."""
    in_elements: Mapping[str, Html]
    """Outputs that fill an element elsewhere in the deck, by its id."""

    def on(self, placed: Placed) -> Sequence[SnippetOutput | None]:
        return self.by_slide[placed.key]

    def problems_on(self, placed: Placed) -> Sequence[Diagnostic]:
        return self.problems.get(placed.key, ())

    def in_elements_on(self, placed: Placed) -> dict[str, Html]:
        """Those whose element may be on this slide."""
        blocks = placed.slide.blocks
        return {
            name: html
            for name, html in self.in_elements.items()
            if any(f'id="{name}"' in block.html for block in blocks)
        }


def outputs_of(context: RenderContext, assets: AssetCollection, memo: Memo) -> DeckOutputs:
    """The outputs of all snippets of a deck; the data of their replays become assets of the site."""
    by_slide: dict[str, list[SnippetOutput | None]] = {}
    problems: dict[str, list[Diagnostic]] = {}
    in_elements: dict[str, Html] = {}
    for placed in (placed for stack in context.talk.stacks for placed in stack.slides):
        shown = by_slide[placed.key] = []
        for slot in placed.slide.slots:
            output, problem = _output(slot, placed, context, assets, memo)
            shown.append(output)
            if problem is not None:
                found = located(problem, placed, path=context.talk.source.name)
                problems.setdefault(placed.key, []).append(found)
            if output is not None and output.place == "target":
                html = terminal_html(output, templates=context.look.templates, words=context.look.words)
                in_elements[output.options.display.out.target] = html
    return DeckOutputs(by_slide=by_slide, problems=problems, in_elements=in_elements)


def holes_of(slot: Slot, placed: Placed, talk: Talk) -> Values:
    return talk.snippets.holes_of(placed.key, slot) if isinstance(slot, Snippet) else NO_VALUES


def _output(
    slot: Slot, placed: Placed, context: RenderContext, assets: AssetCollection, memo: Memo
) -> tuple[SnippetOutput | None, Diagnostic | None]:
    """What is recorded of a snippet, and what is wrong with the picture of the page that it frames."""
    snippets = context.talk.snippets
    job = snippets.job_of(placed.key, slot) if isinstance(slot, Snippet) else None
    if job is None:
        return None, None
    recording = snippets.recordings.get(job.id)
    if recording is not None and job.kind in OWN_TERMINAL:
        recording = shown_part(recording, job.snippet)
    picture = snippets.folder / picture_name(snippets.stored_as(job.id))
    frame, problem = frame_of(job, picture=picture, place=context.place, assets=assets)
    output = SnippetOutput(
        id=job.id,
        kind=job.kind,
        session=job.session.removeprefix("kernel-"),
        options=job.options,
        state=snippets.states[job.id].state,
        recording=recording,
        holes=holes_of(slot, placed, context.talk),
        frame=frame,
    )
    if output.recording is None or is_hidden(job.snippet) or output.place == "none":
        return output, problem
    replay = memo.get("replay", _digest(job, context.talk), partial(replay_script, output))
    url = TO_ROOT + assets.put(f"{context.talk.file.name}-{job.id}.js", replay.encode())
    made = snippets.outputs.get(job.id, ())
    urls = [TO_ROOT + assets.add(snippets.folder / each.file).url if each.file else "" for each in made]
    rich = outputs_html(made, urls, templates=context.look.templates, words=context.look.words)
    return replace(output, replay_url=url, rich=rich), problem


def _digest(job: Job, talk: Talk) -> str:
    """Changes with whatever a snippet's replay is made from."""
    file = talk.snippets.digests[talk.snippets.stored_as(job.id)]
    hidden = sorted(hidden_commands(job.snippet)) if job.kind in OWN_TERMINAL else []
    return digest_of(file, job.id, job.kind, repr(hidden))
