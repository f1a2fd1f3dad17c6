"""The demo company: its text, its founding, and one-click sign-in as one of its people.

Everything here is for `peerqa demo` on the loopback address; nothing is installed elsewhere.
"""

from flask import Flask


def install(app: Flask, *, with_doors: bool) -> None:
    """Hand the demo to the app: how to seed it, whom a visitor may be, and their links."""
    # here, since the demo LMS is in this package too, and its process needs no database
    from peerqa.demo import pages, seeding
    from peerqa.demo.people import links, list_people

    app.extensions["peerqa.seed_demo"] = seeding.seed
    app.extensions["peerqa.demo_people"] = list_people
    app.extensions["peerqa.demo_links"] = links
    if with_doors:
        app.register_blueprint(pages.demo)
        app.before_request(pages.refuse_other_names)
