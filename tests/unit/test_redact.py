"""Secrets and private folders never get into a recording, wherever reads and colours cut them."""

from __future__ import annotations

import pytest

from quarterdeck.model import Recording
from quarterdeck.recordings.cast import dump
from quarterdeck.recordings.folder import CommandRun, compose
from quarterdeck.recordings.redact import BLOT, redact, redact_text, rules
from quarterdeck.recordings.still import lines, still

NOTHING, _ = rules()
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\r\nb3BlbnNzaC1rZXk\r\nAAAA\r\n-----END OPENSSH PRIVATE KEY-----"


def said(*chunks: bytes, command: str = "env") -> Recording:
    take = CommandRun(
        text=command, status=0, at_s=0.0, chunks=tuple((n / 5, chunk) for n, chunk in enumerate(chunks, 1))
    )
    return compose([take], id="x", key="k", ended_s=9.0)


SECRETS = [
    ("AWS key", "id AKIAIOSFODNN7EXAMPLE.", f"id {BLOT}."),
    ("AWS secret", "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", f"aws_secret_access_key = {BLOT}"),
    ("GitHub token", "token ghp_0123456789abcdefghijABCDEFGHIJ012345", f"token {BLOT}"),
    ("GitHub token", "gho_0123456789abcdefghijABCDEFGHIJ012345!", f"{BLOT}!"),
    ("GitHub token", "github_pat_11ABCDEFG0abcdefghijkl_mnop", BLOT),
    ("Docker token", "dckr_pat_AbCdEfGhIjKlMnOpQrSt", BLOT),
    ("JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-nature_", BLOT),
    ("private key", f"a\r\n{KEY}\r\nb", f"a\r\n{BLOT}\r\nb"),
    ("private key", KEY[:60], BLOT),
    ("authorization", "> Authorization: Basic dXNlcjpwYXNz", f"> Authorization: Basic {BLOT}"),
    ("authorization", '"Authorization": "Bearer abcdef"', f'"Authorization": "Bearer {BLOT}"'),
    ("bearer token", "bearer 0123456789abcdef0123", f"bearer {BLOT}"),
    ("password in a URL", "git clone https://me:s3cret@host/x", f"git clone https://me:{BLOT}@host/x"),
    ("registry login", '"auth": "dXNlcjpwYXNzd29yZA=="', f'"auth": "{BLOT}"'),
]


@pytest.mark.parametrize(("kind", "text", "cleaned"), SECRETS)
def test_secrets_are_known_by_their_form(kind: str, text: str, cleaned: str) -> None:
    assert redact_text(text, NOTHING) == (cleaned, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        *("the bearer of this", "Bearer authentication", "AKIA", "https://host:8080/path", "http://a/b@c", "ghp_short"),
        *(
            "eyJ.eyJ.x",
            "sha256:" + "a" * 64,
            "1674738b302e",
            "-----BEGIN CERTIFICATE-----",
            "skip-this-long-word-with-dashes",
        ),
        *("docker run -p 8080:80 nginx", '"auth": "none"', "ssh://git@host/x", "postgres:16-alpine"),
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text, NOTHING) == (text, {})


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        *(
            (name, "hunter2x", True)
            for name in ("API_TOKEN", "SECRET", "DB_PASSWORD", "SSH_KEY", "MY_SECRET_VALUE", "apikey")
        ),
        *((name, "hunter2x", True) for name in ("NPM_TOKENS", "GITLAB_PAT", "DB_PWD", "SIGNING_KEY_2")),
        *(
            (name, "hunter2x", False)
            for name in ("PATH", "KEYBOARD", "MONKEY", "OLDPWD_X", "PWD", "SSH_AUTH_SOCK", "KEY_FILE")
        ),
        *(("API_TOKEN", value, False) for value in ("short", "", "true", "disabled", "123456")),
    ],
)
def test_secrets_are_known_by_the_name_of_their_variable(name: str, value: str, hidden: bool) -> None:
    known, _ = rules(environment={name: value})
    text = f"value=<{value}>"
    assert redact_text(text, known)[0] == (f"value=<{BLOT}>" if hidden else text)


def test_a_secret_is_found_across_events_colours_and_lines() -> None:
    known, _ = rules(environment={"API_TOKEN": "s3cr3t-value", "TLS_KEY": "first-line\nsecond-line"})
    result = redact(said(b"token: s3c", b"r\x1b[31m3t", b"-val\x1b[0mue!\r\nfirst-line\r", b"\nsecond-line\r\n"), known)
    assert lines(still(result.recording.events, echo=False)) == (f"token: {BLOT}!", BLOT)
    assert result.found == (("$API_TOKEN", 1), ("$TLS_KEY", 1))
    assert b"s3c" not in dump(result.recording)
    assert [event.at_s for event in result.recording.events if event.kind == "o"] == [0.0, 0.2, 0.6, 0.8]


def test_a_colour_that_ends_inside_of_a_secret_still_ends() -> None:
    known, _ = rules(environment={"API_TOKEN": "s3cr3t-value"})
    rows = still(redact(said(b"\x1b[31mx s3cr3t\x1b[0m-value y"), known).recording.events, echo=False)
    assert [(text, style.fg) for text, style in rows[0]] == [(f"x {BLOT}", "1"), (" y", "")]


def test_secrets_in_a_command_are_hidden_wherever_the_command_stands() -> None:
    known, _ = rules(environment={"API_TOKEN": "s3cr3t-value"})
    result = redact(said(b"ok", command="curl \\\n -H s3cr3t-value x"), known)
    assert result.recording.commands[0].text == f"curl \\\n -H {BLOT} x"
    assert b"s3cr3t" not in dump(result.recording)
    assert lines(still(result.recording.events)) == ("$ curl \\", f">  -H {BLOT} x", "ok")
    assert result.found == (("$API_TOKEN", 1),)


def test_settings_add_patterns_of_their_own() -> None:
    known, problems = rules(settings=["ACME-[0-9]+", r"pin=(\d+)", "("])
    assert redact_text("ACME-123 pin=99 pint", known)[0] == f"{BLOT} pin={BLOT} pint"
    assert [pattern for pattern, _ in problems] == ["("]


def test_private_folders_become_a_tilde() -> None:
    known, _ = rules(homes=["/home/ada", "/home/ada/.cache/quarterdeck/s1", "/", ""])
    text = "/home/ada/.cache/quarterdeck/s1/app and /home/ada: -v/home/ada/src:/src file:///home/ada/x"
    assert redact_text(text, known)[0] == "~/app and ~: -v~/src:/src file://~/x"
    other = "/home/adam /mnt/home/ada/x /home/ada-2 /home"
    assert redact_text(other, known)[0] == other
    assert redact(said(b"cd /home/a", b"da/x\r\n"), known).found == ()
    assert lines(still(redact(said(b"cd /home/a", b"da/x\r\n"), known).recording.events, echo=False)) == ("cd ~/x",)


def test_what_holds_no_secret_is_the_same_recording() -> None:
    one = said(b"plain \x1b[1mtext\x1b[0m\r\n", b"more")
    assert redact(one, NOTHING).recording == one
