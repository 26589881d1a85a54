"""Pages of what runs, framed on slides: the still of the site, the page itself on stage, and what it cannot do."""

from __future__ import annotations

import http.server
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import chrome
import pytest
from audience import House, present
from desk import Desk, commands_of_machine, fence, talk_of

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Frame, Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]
SLOW_MS = 15_000
BOX = "JSON.stringify(document.querySelector('.present .qd-frame-body').getBoundingClientRect())"
SCALED = """page => {
  const [own, room] = [page.getBoundingClientRect(), page.parentElement.getBoundingClientRect()]
  const scale = Math.min(room.width / 640, room.height / 400)
  const middle = room.x + room.width / 2
  return Math.abs(own.width - 640 * scale) < 1 && Math.abs(own.x + own.width / 2 - middle) < 1 && own.y - room.y < 1
}"""
FACES = """<body style="margin:0;background:#0b6b3a;color:#fff"><h1>hello</h1><input id=in_>
<script>document.body.dataset.loads = new Date().getTime() + Math.random()</script>"""
OWN = "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='400'/>"
ATTACK = """<body><pre id=out></pre><script>
const stage = location.ancestorOrigins[0]
const tries = {
  parent: () => parent.document.title,
  storage: () => localStorage.length + document.cookie.length,
  opened: () => { if (!window.open('about:blank')) throw new Error('null') },
  top: () => { top.location = 'http://localhost/away' },
  framed: () => { parent.frames[0].name = 'x'; parent.Quarterdeck.reveal.next() },
  post: async () => {
    const headers = {'Content-Type': 'application/json'}
    await fetch(stage + '/-/stage/enter', {method: 'POST', credentials: 'include', headers, body: '{"code":"X"}'})
  },
  simple: async () => {
    const answer = await fetch(stage + '/talk/', {credentials: 'include', mode: 'no-cors'})
    if (answer.type === 'opaque' && !(await answer.text())) throw new Error('opaque')
  },
  live: () => new Promise((yes, no) => {
    const socket = new WebSocket(stage.replace('http', 'ws') + '/live')
    socket.onopen = yes
    socket.onerror = no
  }),
}
const told = {referrer: document.referrer}
const all = Object.entries(tries).map(async ([name, attempt]) => {
  try { await attempt(); told[name] = 'DONE' } catch (error) { told[name] = '' }
})
Promise.all(all).then(() => { document.getElementById('out').textContent = JSON.stringify(told) })
</script>"""


def free_port() -> int:
    with socket.create_server(("", 0)) as server:
        return int(server.getsockname()[1])


def serve(port: int, options: str = "#web", *, before: str = "") -> str:
    """A snippet that serves the folder `page` and frames it; other options stand in front of its `bg`."""
    command = f"$ {before}exec python3 -m http.server {port} --bind localhost --directory page"
    return fence(command, f"{options} run bg deps=page/* frame=http://localhost:{port}/", "console")


@pytest.fixture
def begin(desk: Desk, page: Page) -> Iterator[Begin]:
    """Writes a talk and its page, records what is to be recorded, and opens the talk on stage."""
    houses: list[House] = []

    def start(*fences: str, content: str = FACES, record: bool = False) -> House:
        desk.write(talk_of(*fences))
        desk.write(content, "page/index.html")
        desk.write(OWN, "own.svg")
        if record:
            desk.recorded()
        houses.append(present(desk, "--no-open"))
        page.goto(f"{houses[-1].address}#qd-code={houses[-1].code}")
        live(page)
        return houses[-1]

    yield start
    page.close()
    for house in houses:
        house.close()


def live(page: Page) -> None:
    page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=SLOW_MS)


def shows(page: Page, what: str, name: str = "web") -> None:
    """Waits until the window of a snippet's page shows it: the `still`, or `waiting`, `live`, `refused`."""
    state = ":not([data-page])" if what == "still" else f'[data-page="{what}"]'
    page.wait_for_selector(f'[data-frame="{name}"]{state}', state="attached", timeout=SLOW_MS)
    if what != "live":
        page.wait_for_selector(f'[data-frame="{name}"]:not(:has(iframe))', state="attached", timeout=SLOW_MS)


def framed(page: Page, name: str = "web") -> Frame:
    element = page.wait_for_selector(f'[data-frame="{name}"] iframe', timeout=SLOW_MS)
    assert element
    found = element.content_frame()
    assert found
    found.wait_for_selector("body", timeout=SLOW_MS)
    return found


def click_into(page: Page) -> None:
    """As a hand does: Playwright does not know that the page is drawn larger than it is."""
    box = page.locator(".qd-frame-page").bounding_box()
    spot = framed(page).evaluate(
        "(({x, y, width, height}) => [x + width / 2, y + height / 2])(in_.getBoundingClientRect())"
    )
    assert box
    scale = box["width"] / 640
    page.mouse.move(box["x"] + spot[0] * scale, box["y"] + spot[1] * scale)
    page.wait_for_selector(".qd-frame[data-open]")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.mouse.click(box["x"] + spot[0] * scale, box["y"] + spot[1] * scale)
    page.wait_for_selector(".qd-frame[data-focus]")


def loads(page: Page) -> str:
    found = framed(page).evaluate("document.body.dataset.loads")
    return str(found)


# Recorded


def test_the_picture_of_a_page_stands_on_the_site_which_asks_nothing_of_this_machine(
    desk: Desk, page: Page, faults: Faults
) -> None:
    desk.write(FACES, "page/index.html")
    desk.write(talk_of(serve(free_port())))
    desk.recorded()
    assert desk.casts() == ["web.cast", "web.frame.png"]
    picture = desk.cast("web").with_name("web.frame.png")
    size = picture.read_bytes()[16:24]
    assert (int.from_bytes(size[:4]), int.from_bytes(size[4:])) == (1280, 800)
    assert picture.stat().st_size < 300_000
    assert "nothing to run" in desk.record().stdout
    assert desk.run("build").returncode == 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((desk.folder / "site/talk/index.html").as_uri())
    page.wait_for_function("document.querySelector('.qd-frame-still').naturalWidth === 1280")
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    html = page.content()
    assert "<iframe" not in html
    assert not re.search(r"(?:href|src)=.https?://localhost", html)
    assert faults.all() == []


@pytest.mark.parametrize(("words", "again"), [(("--all",), False), (("--only", "web"), True)])
def test_a_page_that_shows_the_time_is_photographed_again_when_it_is_asked_for_by_name(
    desk: Desk, words: tuple[str, ...], again: bool
) -> None:
    if chrome.find() is None:
        pytest.skip("no browser takes the picture")
    desk.write("<body><h1 id=h>clock</h1><script>h.textContent = Date.now()</script>", "page/index.html")
    desk.write(talk_of(serve(free_port())))
    desk.recorded()
    before = desk.files()
    desk.recorded(*words)
    after = desk.files()
    name = "recordings/talk/web.frame.png"
    assert (after.pop(name) != before.pop(name)) is again
    assert after == before


def test_a_page_that_is_framed_later_gets_its_picture_and_the_recording_stays(desk: Desk) -> None:
    if chrome.find() is None:
        pytest.skip("no browser takes the picture")
    port = free_port()
    desk.write(FACES, "page/index.html")
    framing = talk_of(serve(port))
    desk.write(framing.replace("frame=", "wait="))
    desk.recorded()
    before = desk.files()
    desk.write(framing)
    assert desk.status()["web"] == "fresh"
    assert "1 recording written" in desk.record().stdout
    after = desk.files()
    assert after.pop("recordings/talk/web.frame.png")
    assert after["recordings/talk/web.cast"] == before["recordings/talk/web.cast"]


def test_the_picture_goes_with_its_frame(desk: Desk) -> None:
    if chrome.find() is None:
        pytest.skip("no browser takes the picture")
    port = free_port()
    desk.write(FACES, "page/index.html")
    desk.write(talk_of(serve(port)))
    desk.recorded()
    desk.write(talk_of(serve(port).replace("frame=", "wait=")))
    told = desk.run("check")
    assert "warning[X203]: 'web.frame.png' is the picture of a page that no snippet frames" in told.stderr
    desk.recorded("--prune")
    assert desk.casts() == ["web.cast"]


def test_without_a_browser_that_is_said_and_the_slide_shows_the_address(desk: Desk) -> None:
    port = free_port()
    desk.write(FACES, "page/index.html")
    desk.write(talk_of(serve(port)))
    told = desk.record(env={"CHROME": "no-such-program"})
    assert told.returncode == 0
    assert told.stdout.count("no Chrome or Chromium was found") == 1
    assert desk.casts() == ["web.cast"]
    assert "nothing to run" in desk.record(env={"CHROME": "no-such-program"}).stdout
    assert desk.run("build").returncode == 0
    html = (desk.folder / "site/talk/index.html").read_text("utf-8")
    assert f"<strong>localhost:{port}</strong>shown live on stage" in html


def test_a_still_of_the_authors_own_is_shown_and_no_other_is_taken(desk: Desk) -> None:
    port = free_port()
    desk.write(FACES, "page/index.html")
    desk.write(OWN, "own.svg")
    desk.write(talk_of(serve(port, "#web still=own.svg")))
    desk.recorded()
    assert desk.casts() == ["web.cast"]
    assert desk.run("build").returncode == 0
    html = (desk.folder / "site/talk/index.html").read_text("utf-8")
    assert re.search(r'<img class="qd-frame-still" src="../assets/own\.\w+\.svg"', html)
    desk.write(talk_of(serve(port, "#web still=gone.svg")))
    assert "error[A101]: no file 'gone.svg' beside the talk" in desk.run("check").stderr


# On stage


def test_the_page_takes_the_place_of_its_still_and_leaves_it_again(begin: Begin, page: Page, faults: Faults) -> None:
    begin(serve(free_port(), "#web still=own.svg"))
    shows(page, "still")
    page.wait_for_selector(".qd-frame-still")
    box = page.evaluate(BOX)
    page.keyboard.press("r")
    shows(page, "live")
    assert framed(page).locator("h1").inner_text() == "hello"
    assert framed(page).evaluate("[innerWidth, innerHeight]") == [640, 400]
    assert page.evaluate(BOX) == box
    assert page.locator(".qd-frame-state").inner_text() == "live"
    assert page.locator(".qd-frame-page").evaluate(SCALED)
    page.keyboard.press("q")
    shows(page, "still")
    assert page.locator(".qd-frame-still").is_visible()
    assert faults.all() == []


def test_recordings_have_their_still_back(begin: Begin, page: Page) -> None:
    begin(serve(free_port(), "#web still=own.svg"), record=True)
    page.keyboard.press("r")
    shows(page, "live")
    page.keyboard.press("Shift+X")
    shows(page, "still")
    page.keyboard.press("Shift+X")
    shows(page, "live")
    page.keyboard.press("x")
    shows(page, "still")
    assert page.locator(".qd-frame-still").is_visible()


def test_a_page_is_gone_with_its_session(begin: Begin, page: Page) -> None:
    begin(serve(free_port()))
    page.keyboard.press("r")
    shows(page, "live")
    page.keyboard.press("Shift+R")
    shows(page, "still")


def test_it_waits_until_the_page_answers(begin: Begin, desk: Desk, page: Page) -> None:
    port, gate = free_port(), desk.fifo("gate")
    begin(serve(port, before=f"read -r _ <{gate}; "))
    page.keyboard.press("r")
    shows(page, "waiting")
    assert page.locator(".qd-frame-said").inner_text() == f"waiting for localhost:{port}"
    with gate.open("w") as go:
        go.write("go\n")
    shows(page, "live")
    page.keyboard.press("q")
    shows(page, "still")


def test_it_is_loaded_again_by_its_button_and_by_another_run(begin: Begin, page: Page) -> None:
    begin(serve(free_port()))
    page.keyboard.press("r")
    first = loads(page)
    page.locator(".qd-frame-tools button").click()
    page.wait_for_function("first => frames.length === 1", arg=first)
    framed(page).wait_for_function("first => document.body.dataset.loads !== first", arg=first)
    page.keyboard.press("q")
    shows(page, "still")
    page.keyboard.press("r")
    shows(page, "live")
    assert loads(page) != first


def test_a_page_that_outlives_its_command_is_framed_until_something_stops_it(begin: Begin, page: Page) -> None:
    port = free_port()
    command = f"$ python3 -m http.server {port} --bind localhost --directory page >/dev/null 2>&1 & echo $! >pid"
    detached = fence(command, f"#web run deps=page/* frame=http://localhost:{port}/", "console")
    begin(detached, fence("$ kill $(cat pid); wait", "#stop run expect=any", "console"))
    page.keyboard.press("r")
    shows(page, "live")
    page.wait_for_selector('[data-cast="web"][data-live="done"]')
    assert framed(page).locator("h1").inner_text() == "hello"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    shows(page, "still")


def test_a_page_that_is_clicked_into_has_the_keys_until_there_is_a_click_outside(begin: Begin, page: Page) -> None:
    begin(serve(free_port()), fence("$ true", "#two run", "console"))
    page.keyboard.press("r")
    click_into(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.type("nx")
    assert framed(page).locator("#in_").input_value() == "nx"
    assert page.evaluate("Reveal.getIndices().h") == 0
    page.locator(".qd-frame-back").click()
    page.wait_for_selector(".qd-frame:not([data-focus])")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("Reveal.getIndices().h === 1")
    page.keyboard.press("ArrowLeft")
    click_into(page)
    page.mouse.click(4, 4)
    page.wait_for_selector(".qd-frame:not([data-focus])")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("Reveal.getIndices().h === 1")


def test_a_page_cannot_take_the_keys_by_itself(begin: Begin, page: Page) -> None:
    greedy = (
        "<input id=in_ autofocus><script>let n = 0;"
        "setInterval(() => { window.focus(); in_.focus(); document.body.dataset.tries = ++n }, 20)</script>"
    )
    begin(serve(free_port()), fence("$ true", "#two run", "console"), content=greedy)
    page.keyboard.press("r")
    framed(page).wait_for_function("document.body.dataset.tries > 5")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("Reveal.getIndices().h === 1")


def test_a_page_that_refuses_to_be_framed_says_so_with_its_address(begin: Begin, desk: Desk, page: Page) -> None:
    port = free_port()
    desk.write(
        "import http.server as h\n"
        "class P(h.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.send_header('X-Frame-Options', 'DENY'); self.end_headers()\n"
        f"h.ThreadingHTTPServer(('localhost', {port}), P).serve_forever()\n",
        "page/serve.py",
    )
    options = f"#web run bg deps=page/* frame=http://localhost:{port}/"
    begin(fence("$ exec python3 page/serve.py", options, "console"))
    page.keyboard.press("r")
    shows(page, "refused")
    said = page.locator(".qd-frame-said").inner_text()
    assert said == f"localhost:{port} does not let itself be framed (X-Frame-Options: DENY)"
    link = page.locator(".qd-frame-tools a")
    assert link.get_attribute("href") == f"http://localhost:{port}/"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_the_speaker_view_has_no_page_of_its_own(begin: Begin, page: Page, faults: Faults) -> None:
    begin(serve(free_port()))
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    faults.watch(speaker)
    live(speaker)
    speaker.locator('.qd-desk-keys button:text-is("Run")').click()
    shows(page, "live")
    speaker.wait_for_selector('[data-frame="web"][data-page="live"]', state="attached")
    assert speaker.locator(".qd-frame iframe").count() == 0
    assert faults.all() == []


def test_a_page_that_is_loaded_again_has_its_frames_back(begin: Begin, page: Page) -> None:
    begin(serve(free_port()))
    page.keyboard.press("r")
    shows(page, "live")
    page.reload()
    live(page)
    shows(page, "live")
    assert framed(page).locator("h1").inner_text() == "hello"


# Attacks


def test_a_framed_page_reaches_nothing_of_the_deck_and_of_the_stage(begin: Begin, page: Page) -> None:
    popups: list[object] = []
    page.on("popup", lambda popup: popups.append(popup))
    begin(serve(free_port()), content=ATTACK)
    address = page.url
    page.keyboard.press("r")
    out = framed(page).locator("#out")
    framed(page).wait_for_function("document.getElementById('out').textContent")
    told = {"referrer", "parent", "storage", "opened", "top", "framed", "post", "simple", "live"}
    assert framed(page).evaluate("JSON.parse(document.getElementById('out').textContent)") == dict.fromkeys(told, "")
    assert out.count() == 1
    assert page.url == address
    assert popups == []
    sandbox = page.locator('[data-frame="web"] iframe').get_attribute("sandbox")
    assert sandbox == "allow-scripts allow-forms"


def test_a_slide_frames_no_other_page_of_this_machine(begin: Begin, page: Page) -> None:
    refused = "addEventListener('securitypolicyviolation', event => (window.refused ||= []).push(event.blockedURI))"
    page.add_init_script(refused)
    asked: list[str] = []

    class Other(http.server.BaseHTTPRequestHandler):
        timeout = 1  # browsers connect ahead of what they then do not ask for

        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("localhost", 0), Other) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            port, url = free_port(), f"http://localhost:{other.server_port}"
            house = begin(serve(port), f'<iframe class="other" src="{url}/"></iframe>\n')
            rules = house.ask("GET", "/talk/").headers["content-security-policy"].split("; ")
            assert f"frame-src 'self' https: http://localhost:{port}" in rules
            page.wait_for_function("url => (window.refused || []).includes(url)", arg=url)
            assert asked == []
        finally:
            other.shutdown()
            thread.join()


def test_the_browser_that_takes_the_picture_leaves_nothing_behind(desk: Desk) -> None:
    if chrome.find() is None:
        pytest.skip("no browser takes the picture")
    desk.write(FACES, "page/index.html")
    desk.write(talk_of(serve(free_port())))
    desk.recorded()
    profile = str(desk.cache / "sessions")
    assert profile not in commands_of_machine()
    assert not list((desk.cache / "sessions").iterdir())
