"""Where somebody goes on after signing in: to a path of ours, whatever an address says."""

from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from server.web.pages.destinations import ACCOUNT, own_path, sign_in_to

OURS = "https://usher.example/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/account",
        "/account/",
        "/join/abc-DEF_1.2~",
        "/oauth/authorize?client_id=x&redirect_uri=https%3A%2F%2Fa.b%2Fc",
    ],
)
def test_a_path_of_ours_is_kept(path: str) -> None:
    """With its query, also through the address of the page for signing in."""
    assert own_path(path) == path
    assert dict(parse_qsl(urlsplit(sign_in_to(path)).query)).get("next", ACCOUNT) == path


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "account",
        "//evil.example",
        "///evil.example",
        "////evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "https://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "HTTP://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/%09/evil.example",
        "/%2f%2fevil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "%2F%2Fevil.example",
        "/%252Fevil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/./evil",
        "/../evil",
        "/a/..//evil.example",
        "/a//evil.example",
        "/account#//evil",
        "/account;x",
        "/@evil.example",
        "/account?x=\\",
        "/account?x=\r\nSet-Cookie: a=b",
        "/account\r\nX: y",
        "/account\x00",
        "/\u2215evil.example",
        "/\uff0fevil.example",
        "/caf\u00e9",
        "/account?x=\u00e9",
        '/account?x="><script>',
        "/account?x=#y",
        "/" + "a" * 5000,
        "//usher.example@evil.example",
        "/\x85/evil.example",
        "/\u200b/evil.example",
    ],
)
def test_anything_else_leads_to_the_account(text: str | None) -> None:
    """Hosts, schemes, steps up, characters that browsers drop or turn, and what only looks like a path."""
    assert own_path(text) == ACCOUNT


@pytest.mark.parametrize("path", ["/", "/account/x?next=//evil.example&u=https://evil.example/"])
def test_what_is_kept_stays_on_the_origin(path: str) -> None:
    """As a browser joins it to the address of the page."""
    assert urlsplit(urljoin(OURS, own_path(path))).netloc == "usher.example"
