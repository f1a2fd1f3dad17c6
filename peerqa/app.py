"""The composition root: the only file that joins the front doors, the services and the indexer."""

from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

import lti
from peerqa import chores, gate, outgoing, request_lines, schema
from peerqa.database import db, engine_options, open_engine
from peerqa.letters import chores as letters
from peerqa.mail import SmtpMailer
from peerqa.paging import read_id
from peerqa.search.alerts import Alerts
from peerqa.search.engine import SearchEngine
from peerqa.search.expertise import Expertise, numbers_of
from peerqa.search.recalibrating import Recalibration
from peerqa.search.rewording import reword
from peerqa.search.upkeep import FILLING_SECONDS, Upkeep
from peerqa.secrets import load_instance_key
from peerqa.services import recalibration
from peerqa.services.admin.defaults import REWORD
from peerqa.settings import Settings, read_settings
from peerqa.worker import Timer

INDEX_UPKEEP_SECONDS = 10.0
ALERT_SECONDS = 60.0
ROUTING_SECONDS = 5.0  # an asker who looks again sees that somebody was asked
RECALIBRATION_SECONDS = 86_400.0
MAX_REQUEST_BYTES = 1_000_000  # a post has at most 20,000 characters


class IdConverter(IntegerConverter):
    """An id in an address; what no row can have becomes 0, which none has, and is not found.

    Refusing it here would make Werkzeug answer 405 where other methods share the address.
    """

    def to_python(self, value: str) -> int:
        """Read the digits."""
        return read_id(value) or 0


def create_app(settings: Settings | None = None, *, with_doors: bool = True) -> Flask:
    """Put the house together; touches no database rows, starts no thread.

    Args:
        with_doors: pages and API; commands and the worker do without, and start twice as fast.
    """
    settings = settings or read_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    app = Flask("peerqa", root_path=str(Path(__file__).parent))
    app.extensions["peerqa.settings"] = settings
    app.extensions["peerqa.key"] = load_instance_key(settings)
    app.extensions["peerqa.search"] = SearchEngine(settings)
    app.extensions["peerqa.outgoing"] = outgoing.Client(settings)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["MAX_FORM_PARTS"] = 200
    app.url_map.converters["id"] = IdConverter
    _believe_proxies(app, settings.trusted_proxies)
    _open_database(app, settings)
    _give_work(app, settings)
    request_lines.install(app)
    gate.install(app)
    if with_doors:
        _open_doors(app)
    if settings.demo:
        _open_demo(app, with_doors=with_doors)
    if forgotten := gate.undeclared_endpoints(app):
        raise RuntimeError(f"These endpoints do not say whom they are open to: {forgotten}")
    return app


def _believe_proxies(app: Flask, count: int) -> None:
    """Take the client's address and scheme from as many web servers as stand in front, no more.

    What a client writes into these headers itself stands farther left, and is not read. The host
    is the Host header, which the web server must pass on: not each of them cleans X-Forwarded-Host.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's documentation does
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0
        )


def _open_database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_address
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(
        settings.database_address, threads=settings.web_threads
    )
    db.init_app(app)
    with app.app_context():
        open_engine(db.engine, write_wait_seconds=settings.write_wait_seconds)


def _give_work(app: Flask, settings: Settings) -> None:
    """Say what the worker does: about each topic of the outbox, and from time to time."""
    app.extensions["peerqa.mailer"] = SmtpMailer(settings)
    engine: SearchEngine = app.extensions["peerqa.search"]
    upkeep = Upkeep(engine)
    index_timers = [
        # as often as it lasts: while there are gaps it goes on, with a turn of the outbox between
        Timer("index-gaps", FILLING_SECONDS, upkeep.fill),
        Timer("index-bases", INDEX_UPKEEP_SECONDS, upkeep.keep_bases, is_aside=True),
    ]
    learning = Recalibration(engine, evidence_days=settings.evidence_days)
    alerts = Alerts(engine)
    experts = Expertise(engine, numbers_of(settings))
    asked = Timer("routing", ROUTING_SECONDS, experts.run, is_aside=True)
    told = Timer("saved-searches", ALERT_SECONDS, alerts.run, is_aside=True)
    nightly = Timer("recalibration", RECALIBRATION_SECONDS, learning.run, is_aside=True)
    app.extensions["peerqa.handlers"] = {
        "index": upkeep.update,
        recalibration.TOPIC: learning.handle,
        REWORD: reword,
        **chores.handlers(app),
        **letters.handlers(app),
        **lti.handlers(app),
    }
    app.extensions["peerqa.checks"] = [lti.doctor_checks]
    app.extensions["peerqa.timers"] = [
        *index_timers,
        nightly,
        told,
        asked,
        *chores.timers(app),
        *letters.timers(app),
        *lti.timers(app),
    ]


def _open_doors(app: Flask) -> None:
    from peerqa import api, web

    web.install(app)
    api.install(app)
    lti.install(app)
    app.extensions["peerqa.admin_menu"] = [*web.ADMIN_PAGES, *lti.ADMIN_PAGES]


def _open_demo(app: Flask, *, with_doors: bool) -> None:
    from peerqa import demo

    demo.install(app, with_doors=with_doors)
    lti.install_demo(app)


def migrate_empty(app: Flask) -> Engine:
    """Give a new installation its tables; returns the engine."""
    with app.app_context():
        schema.migrate_empty(db.engine)
        return db.engine
