"""The `usher` command. A failure is one sentence on standard error and exit status 1 (2 for a wrong call)."""

import logging
import sys

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException

from server.cli.accounts import account
from server.cli.audit import audit
from server.cli.clients import client
from server.cli.console import complain
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.grading import grading
from server.cli.imports import imports
from server.cli.jobs import jobs
from server.cli.keys import keys
from server.cli.letters import letters
from server.cli.migrating import migrate_database
from server.cli.policy import policy
from server.cli.printing import print_data_map, print_schema
from server.cli.providers import provider
from server.cli.run import run
from server.cli.tokens import print_token
from server.errors import UsherError

account.command("provider")(provider)
usher = typer.Typer(
    name="usher",
    help="One GraphQL API over learners, marks and grades, governed by the school's own policy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
usher.command("run")(run)
usher.command("jobs")(jobs)
usher.command("doctor")(doctor)
usher.command("migrate")(migrate_database)
usher.command("token")(print_token)
usher.command("schema")(print_schema)
usher.command("data-map")(print_data_map)
usher.add_typer(account, name="account")
usher.add_typer(audit, name="audit")
usher.add_typer(client, name="client")
usher.add_typer(demo, name="demo")
usher.add_typer(grading, name="grading")
usher.add_typer(imports, name="import")
usher.add_typer(keys, name="keys")
usher.add_typer(letters, name="letters")
usher.add_typer(policy, name="policy")


def main() -> None:
    """The console script: never a traceback, and no line of a library's log beside the sentence."""
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run one command line; its exit status."""
    try:
        status = usher(arguments, prog_name="usher", standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except TyperException as wrong:
        return complain(_wrong_call(wrong), 2)
    except (typer.Abort, KeyboardInterrupt):
        return complain("Stopped.", 130)
    except Exception as error:
        return complain(*_explained(error))
    return status if isinstance(status, int) else 0


def _wrong_call(wrong: TyperException) -> str:
    """What is wrong, and the help of the command that was called."""
    sentence = wrong.format_message().replace("Value error, ", "")
    if "\n" in sentence:  # a page of help
        return sentence
    command: str = getattr(getattr(wrong, "ctx", None), "command_path", "usher")
    sentence = sentence.rstrip(".")
    return f"{sentence}{'' if sentence.endswith('?') else '.'} See `{command} --help`."


def _explained(error: Exception) -> tuple[str, int]:
    match error:
        case UsherError():
            return error.message, 1
        case ValidationError():
            names = ", ".join(sorted({".".join(map(str, fault["loc"])).upper() for fault in error.errors()}))
            return f"These environment variables can't be understood: {names}.", 2
        case OSError():
            return f"{error.filename or 'A file or address'}: {error.strerror or type(error).__name__}.", 1
        case _:
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            place = "" if frame is None else f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}"
            return f"Something went wrong inside Usher: {type(error).__name__}{place}. Please report it.", 1
