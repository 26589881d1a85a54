"""The elements of a slide as a light tree, so that annotations find the one that the author meant."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token
from msgspec import Struct, field

from quarterdeck.markdown.rules.support.html_tags import Tag, joined
from quarterdeck.model import Span

ITEMS = frozenset(("li", "dd"))
LISTS = frozenset(("ul", "ol", "dl"))


class Element(Struct, eq=False):
    name: str
    """As in HTML; empty for the slide itself."""
    target: Token | Tag | None
    """Where attributes go."""
    parent: Element | None
    span: Span | None = None
    """Of a raw tag."""
    children: list[Element] = field(default_factory=list)

    @property
    def raw(self) -> bool:
        return isinstance(self.target, Tag)

    def add(self, name: str, target: Token | Tag | None, span: Span | None = None) -> Element:
        child = Element(name=name, target=target, parent=self, span=span)
        self.children.append(child)
        return child

    def block(self) -> Element:
        """The block that an annotation at its end means: of an item's first paragraph, the item."""
        if isinstance(self.target, Token) and self.target.meta.get("stands_for"):
            found = self
            for _ in range(self.target.meta["stands_for"]):
                found = found.parent or found
            return found
        if (
            self.name == "p"
            and self.parent is not None
            and self.parent.name in ITEMS
            and self.parent.children[0] is self
        ):
            return self.parent
        return self

    def annotate(self, name: str, value: str) -> bool:
        """Gives the element an attribute; False where it can have none."""
        if isinstance(self.target, Tag):
            self.target.set(name, value)
        elif self.target is not None and self.target.type == "image":
            annotate(self.target.meta.setdefault("attrs", {}), name, value)
        elif self.target is not None and self.target.tag:
            annotate(self.target.attrs, name, value)
        else:
            return False
        return True


def annotate(attrs: dict[str, str | int | float], name: str, value: str) -> None:
    attrs[name] = joined(name, str(attrs.get(name, "")), value)


def closing(tokens: Sequence[Token], index: int) -> int:
    """Index of the token that ends what begins at `index`."""
    depth = 0
    for number in range(index, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1
