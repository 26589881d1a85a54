"""A deck whose snippets run live, before an audience.

present             from the first build to the last container
stage_site          what is shown, and what of it may run
trust_watch         keeps what may run at what its owner has said yes to
sign_in, guard      who may run anything, and who may ask for pages
app, page           the routes, and a deck's page as they serve it
conversation        one window over its WebSocket
messages            all that a window and the server tell each other
window, audience    what is on its way to a window, and to all of them
deck                a deck: its sessions, its audience, and what can be asked of it
session             one live session, in a thread that has an inbox
run_request         what a session is asked to run
live_run            one run of a snippet: what is shown of it, and typed at it
session_status      how a session and the last run of each of its snippets stand
background          what a snippet leaves running
slide_state         values that were captured, and what runs before a slide
live_outputs        pictures and tables of kernels
frames              pages that snippets serve
engine_watch        what the deck has made on a container engine
"""
