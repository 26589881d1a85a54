"""Patterns that are compiled late: each can be, and is then as good as one of `re`."""

from __future__ import annotations

import gc
import pickle
import pkgutil
import re
from importlib import import_module

import quarterdeck
from quarterdeck.regex import _Late, regex


def test_every_pattern_of_the_package_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(quarterdeck.__path__, "quarterdeck."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    late = [each for each in gc.get_objects() if type(each) is _Late]
    assert len(late) > 200
    for each in late:
        assert each.pattern


def test_it_does_what_a_compiled_one_does() -> None:
    found = regex(r"(\d+)-(\w+)", re.ASCII).search("in 12-ab")
    assert found is not None
    assert found.groups() == ("12", "ab")
    assert regex(rb"b+").sub(b"c", b"abba") == b"aca"


def test_another_process_gets_a_compiled_one() -> None:
    assert pickle.loads(pickle.dumps(regex("a+", re.IGNORECASE))) == re.compile("a+", re.IGNORECASE)
