"""Pictures and tables of two runs: what counts as the same."""

from __future__ import annotations

from quarterdeck.recordings.comparison import compare_kernel_outputs
from quarterdeck.recordings.outputs import KernelOutput


def told(recorded: list[KernelOutput], fresh: list[KernelOutput]) -> str:
    found = compare_kernel_outputs(recorded, fresh, normal=lambda text: text)
    return found.summary if found else ""


def image(width: int, height: int, data: bytes = b"a", mime: str = "image/png") -> KernelOutput:
    return KernelOutput(mime=mime, data=data, width=width, height=height)


def html(text: str) -> KernelOutput:
    return KernelOutput(mime="text/html", data=text)


def test_other_pixels_in_the_same_size_are_the_same_picture() -> None:
    assert told([image(640, 480)], [image(640, 480, b"b")]) == ""
    assert told([image(640, 480)], [image(650, 470)]) == ""


def test_another_size_or_kind_is_another_picture() -> None:
    assert told([image(640, 480)], [image(640, 380)]) == "a picture or a table differs"
    assert told([image(640, 480)], [image(640, 480, mime="image/jpeg")]) == "a picture or a table differs"


def test_one_that_is_missing_or_new_is_counted() -> None:
    assert told([image(640, 480)], []) == "1 pictures and tables are recorded, now there are 0"
    assert told([], [html("<p>x</p>")]) == "0 pictures and tables are recorded, now there are 1"


def test_a_table_is_its_words_and_not_its_dress() -> None:
    plain = html("<table><tr><td>1</td><td>a &amp; b</td></tr></table>")
    dressed = html('<style>#T_1 {}</style><table id="T_1">\n<tr><td class="x">1</td> <td>a &amp; b</td></tr></table>')
    assert told([plain], [dressed]) == ""
    found = compare_kernel_outputs(
        [plain], [html("<table><tr><td>1</td><td>c</td></tr></table>")], normal=lambda text: text
    )
    assert found is not None
    assert "-1 | a & b\n+1 | c" in found.diff
