"""What the server's sources don't do: evaluate, unpickle, start a shell, draw from weak chance, or hash with what is broken."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ROOT / "server/web/pages"
TEMPLATES: Final = sorted((PAGES / "templates").glob("*.html"))
SCRIPTS: Final = (PAGES / "static/passkeys.js", ROOT / "server/web/graphiql/start.js")
UNSAFE: Final = frozenset({
    "pickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "jsonpickle", "code", "codeop", "ldap", "ldap3", "pymemcache",
    "pylibmc", "memcache", "jnius", "jpype", "markdown", "mistune", "bleach", "lxml", "xml", "defusedxml", "elementpath",
})  # fmt: skip
"""They make objects or code of bytes, parse XML, or ask what there is none of."""
WEAK: Final = re.compile(r"\b(md5|sha1|MD5|SHA1|ECB|PKCS1v15|TripleDES|ARC4|Blowfish|RSA1_5|\bDES|CBC|CTR)\b")


@cache
def modules() -> dict[str, ast.Module]:
    files = [path for path in sorted((ROOT / "server").rglob("*.py")) if "__pycache__" not in path.parts]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """File, call, and the dotted name of what is called."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, node, ast.unparse(node.func)


def imported() -> Iterator[tuple[str, str]]:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((name, one.name.split(".")[0]) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield name, node.module.split(".")[0]


def test_nothing_is_evaluated() -> None:
    """Neither code nor objects are made of bytes, and nothing is imported by a name that came from elsewhere."""
    evaluating = {"eval", "exec", "compile", "__import__", "importlib.import_module"}
    assert [(name, called) for name, _, called in calls() if called in evaluating] == []
    assert [one for one in imported() if one[1] in UNSAFE] == []


def test_no_xml_parser_is_used_but_the_workbooks_own() -> None:
    """Of calamine, which reads no entities; what a spreadsheet doesn't write is refused before it (test_files.py)."""
    assert not {module for _, module in imported()} & {"xml", "lxml", "defusedxml", "html5lib"}
    assert {name for name, module in imported() if module == "python_calamine"} <= {
        name for name in modules() if name.startswith("server/exchange/")
    }


def test_programs_are_started_without_a_shell() -> None:
    """With a list of words that are ours; and by the command line and the embedded database alone."""
    shells = {
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
    }
    started = [
        one for one in calls() if one[2].startswith(("subprocess.", "os.exec", "os.spawn", "os.system", "os.popen"))
    ]
    assert not {called for _, _, called in calls()} & shells
    assert started
    for name, call, _ in started:
        assert name.startswith(("server/cli/", "server/database/")), name
        assert not [one for one in call.keywords if one.arg == "shell"], name
        assert not (call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)), name


def test_chance_is_cryptographic() -> None:
    """The module `secrets`, with 16 bytes and more where nobody may guess; the demo's people alone are drawn otherwise."""
    assert {name for name, module in imported() if module == "random"} == {"server/demo/draw.py"}
    short: set[str] = set()
    for name, call, called in calls():
        if called in ("secrets.token_urlsafe", "secrets.token_bytes", "secrets.token_hex") and call.args:
            size = _size(modules()[name], call.args[0])
            if size < 15:
                short.add(f"{name} {called} {size}")
    # Names of unfinished files, references of defects, marks within one answer, nonces of AES-GCM: nobody is let in by one.
    assert {one.split()[0] for one in short} <= {
        "server/identity/keys.py", "server/compliance/mail.py", "server/web/logs.py", "server/queries/cursors.py",
        "server/resolvers/live/event_ids.py", "server/identity/people/secret_box.py",
    }, short  # fmt: skip


def _size(tree: ast.Module, argument: ast.expr) -> int:
    """A number, or the constant of that name."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
        return argument.value
    name = ast.unparse(argument)
    for node in tree.body:
        if isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if ast.unparse(target) == name:
                return int(ast.literal_eval(node.value))
    raise AssertionError(f"{name} is no constant of its module")


def test_hashes_and_ciphers_are_strong() -> None:
    """SHA-256 and longer, BLAKE2; AES as GCM and SIV, which notice what was changed. Signatures: test_tokens.py."""
    found = {
        (name, node.attr if isinstance(node, ast.Attribute) else node.id)
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and WEAK.fullmatch(node.attr if isinstance(node, ast.Attribute) else node.id)
    }
    assert found == set()
    hashes = {called.partition("(")[0] for _, _, called in calls() if called.startswith("hashlib.")}
    assert hashes <= {"hashlib.sha256", "hashlib.sha512", "hashlib.blake2b"}
    ciphers = {one for tree in modules().values() for one in _of_cryptography(tree)}
    assert ciphers
    assert {one for one in ciphers if re.match("AES|ChaCha|Cipher|Fernet|modes", one)} == {"AESGCM", "AESSIV"}


def _of_cryptography(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography"):
            yield from (one.name for one in node.names)


def test_no_pattern_is_made_of_input() -> None:
    """Patterns are written down. Of two that are put together one holds constants, the other random hexadecimal digits."""
    made = {
        name
        for name, call, called in calls()
        if called.startswith("re.") and called != "re.escape" and call.args
        if any(isinstance(one, ast.Name | ast.Attribute | ast.Call) for one in ast.walk(call.args[0]))
        and not ast.unparse(call.args[0]).startswith(("_", "re.escape"))
    }
    assert made <= {"server/queries/cursors.py", "server/identity/letters/addresses.py"}, made


def test_no_format_is_made_of_input() -> None:
    """What is formatted is a constant of ours or psycopg's SQL; nothing is formatted by what somebody sent."""
    written = r"""['"(]|sql\.SQL|_?[A-Z][A-Z_]*\b"""
    made = {
        f"{name} {ast.unparse(call.func.value)}"
        for name, call, called in calls()
        if called.endswith(".format") and isinstance(call.func, ast.Attribute)
        if not re.match(written, ast.unparse(call.func.value))
    }
    # Phrases of ours by a name, out of tables of phrases.
    assert made <= {
        "server/cli/workers.py self.called", "server/policies/parse.py spoken", "server/queries/reach/access_changes.py begun",
        "server/queries/reach/access_changes.py ended", "server/resolvers/policy/inquiries_of_words.py said",
    }, made  # fmt: skip


def test_templates_escape_everything() -> None:
    """No template lets a value through unescaped, nothing is written into a script, and none is inline."""
    assert len(TEMPLATES) > 20
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", text), path.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), path.name
        assert all(
            re.fullmatch(r"<script defer src=\"/[a-z/.]+\">", one) for one in re.findall(r"<script[^>]*>", text)
        ), path.name
    assert not [called for _, _, called in calls() if called.rpartition(".")[2] in ("Markup", "mark_safe")]


def test_signing_out_is_on_each_page() -> None:
    """Every page is made of the one that has it in its header, for whoever is signed in."""
    parts = {"base.html", "macros.html", "errors.html", "passkey_words.html"}
    base = (PAGES / "templates/base.html").read_text(encoding="utf-8")
    header = base.partition("<header>")[2].partition("</header>")[0]
    assert re.search(r"if visitor and visitor\.session.*action=\"/sign-out\".*endif", header, re.DOTALL)
    whole = [path for path in TEMPLATES if path.name not in parts]
    assert all(path.read_text(encoding="utf-8").startswith('{% extends "base.html" %}') for path in whole)
    assert not [path.name for path in whole if "block header" in path.read_text(encoding="utf-8")]


def test_templates_are_files() -> None:
    """None is made of a text that somebody sent: those of letters are read from the package, and filled once."""
    made = {name for name, _, called in calls() if called.endswith(("from_string", "Template"))}
    assert made == {"server/identity/letters/letter.py"}


def test_scripts_put_text_in_as_text() -> None:
    """No markup is made by ours, nothing is evaluated, no message of other pages is heard, and nothing is kept."""
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )
        assert not re.search(r"postMessage|addEventListener\(\s*['\"]message", text), path
        assert not re.search(r"(local|session)Storage\.setItem|indexedDB|document\.cookie", text), path


@pytest.mark.parametrize("name", ["sign_in.html", "password.html", "reset.html", "join_finish.html"])
def test_fields_of_passwords_are_masked_and_may_be_filled(name: str) -> None:
    """By a password manager, and by paste: each says what it is for, and no script hears of it."""
    text = (PAGES / "templates" / name).read_text(encoding="utf-8")
    fields = re.findall(r"field\(\"(?:old|password)\".*?\)\s*}}", text)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
    assert "paste" not in text
    assert all("password" not in path.read_text(encoding="utf-8").lower() for path in SCRIPTS[:1])


def test_no_password_runs_out() -> None:
    """An account holds no moment at which its password ends."""
    from server.tables import AccountRow

    columns = set(AccountRow.metadata.tables["usher.account"].columns.keys())
    assert "password_hash" in columns
    assert not [one for one in columns if "expire" in one or "rotat" in one or "password_until" in one]


def test_the_edge_opens_no_file_by_name() -> None:
    """Files of pages are those of the package, by names that are constants; letters of a demo lie in one folder."""
    opening = {
        name
        for name, _, called in calls()
        if name.startswith("server/web/")
        and called.rpartition(".")[2] in ("open", "read_text", "read_bytes", "FileResponse")
        and called not in ("self._pool.open", "opens.open", "self._opens.open")
    }
    assert opening <= {
        "server/web/graphiql_page.py", "server/web/pages/page.py", "server/web/pages/routes.py", "server/web/pages/demo_letters.py",
        "server/web/measuring.py",
    }, opening  # fmt: skip
    assert not [module for _, module in imported() if module == "aiofiles"]


def test_no_secret_is_committed() -> None:
    """No private key, no token and no password of a database stands in a file of the repository."""
    found = subprocess.run(
        ["git", "grep", "-lIE", r"BEGIN (EC |RSA |OPENSSH )?PRIVATE KEY-----$|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}", "--", "."],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode in (0, 1), found.stderr
    assert set(found.stdout.split()) <= {"tests/letters.py"}, (
        "the key of letters that tests read, which nothing else has"
    )
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert not [one for one in kept if re.search(r"\.(pem|key|p12|pfx|env)$|(^|/)\.env$", one)]
