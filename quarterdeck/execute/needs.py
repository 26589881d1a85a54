"""What a job needs of the machine it runs on."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from quarterdeck.snippets.plan import Job

ENGINES = ("docker", "podman")
ELSEWHERE = frozenset({*ENGINES, "network"})
"""Words of `requires` that are no programs."""


def lacking(job: Job, environ: Mapping[str, str]) -> str:
    """The first program that a job requires and the machine does not have; empty where it has all."""
    programs = (word for word in job.options.checks.requires if word not in ELSEWHERE)
    return next((word for word in programs if shutil.which(word, path=environ.get("PATH")) is None), "")


def names_engine(job: Job) -> bool:
    """Whether a job may use a container engine, by its words."""
    required = any(word in job.options.checks.requires for word in ENGINES)
    named = any(word in line.text for line in job.commands for word in ENGINES)
    return required or named or bool(job.options.execution.image)
