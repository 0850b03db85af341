"""Pages from templates: everything in them is escaped, and they bring nothing that isn't ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
from starlette.responses import RedirectResponse, Response

from server.web.pages.problems import Problem
from server.web.pages.visitor import Visitor

# A QR code is an image in the page itself.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
_LEADS_AWAY: Final = "/oauth/"
_SCRIPT: Final = "; script-src 'self'; connect-src 'self'"


def page(
    name: str,
    /,
    status: int = 200,
    *,
    visitor: Visitor | None = None,
    here: str = "",
    script: bool = False,
    forms_lead_to: Iterable[str] = (),
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The template of that name in the folder beside this, as an answer.

    A page with a form takes its `visitor`, and `here`, the path that the form leads to: Visit.page gives both. What
    every template may use: these, `errors` (field name to sentence, in the order of the fields), `fields` (what was
    sent, to show it again) and `script`, whether passkeys.js is loaded.

    `forms_lead_to` are origins ("https://host", or "scheme:") that an answer to one of the page's forms redirects to:
    some browsers hold the page's own policy against them.
    """
    known: dict[str, Any] = {"visitor": visitor, "here": here, "errors": {}, "fields": {}, "script": script}
    text = templates().get_template(name).render({**known, **values})
    policy = " ".join((_POLICY, *forms_lead_to)) + (_SCRIPT if script else "")
    sent = {"Content-Security-Policy": policy, **(headers or {})}
    response = Response(text, status, sent, "text/html; charset=utf-8")
    return response if visitor is None else visitor.greet(response)


def problem_page(problem: Problem, visitor: Visitor | None = None, again: str = "") -> Response:
    """`again` is the path of a page whose form was not taken."""
    return page(
        "problem.html",
        problem.status,
        visitor=visitor,
        headers=problem.headers,
        heading=problem.heading,
        sentence=problem.sentence,
        again=again,
    )


def defect_page(reference: str) -> Response:
    """What a person learns of a defect: a reference to the log, and nothing else."""
    return page("defect.html", 500, reference=reference)


def to(path: str) -> Response:
    """After a form: the answer is another page, which a reload doesn't post again."""
    return RedirectResponse(path, 303)


def onward(path: str) -> Response:
    """The same for a path of ours that may lead on to another site at once, as that of an authorization does.

    A redirect would still be the form's, which Chromium holds the policy of the form's page against (form-action); a
    page that goes on by itself begins anew.
    """
    return page("onward.html", path=path) if path.startswith(_LEADS_AWAY) else to(path)


@cache
def templates() -> jinja2.Environment:
    """Those of this package; a name that isn't given to a template is a defect."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _source(name: str) -> str | None:
    found = files("server.web.pages") / "templates" / name
    return found.read_text(encoding="utf-8") if found.is_file() else None
