"""The parameters of a GraphQL request by GET, in the query string of its address (GraphQL over HTTP, 5.3)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from server.errors import LimitExceeded
from server.web.json_input import parse_json
from server.web.refusals import Refusal, malformed
from server.web.requests import Parameters, parameters_of

LONGEST: Final = 16 * 1024
_TEXTS: Final = ("query", "operationName", "documentId")
_JSON: Final = ("variables", "extensions")
_MOST: Final = 100


def parameters_of_address(query_string: bytes) -> Parameters:
    """As form-encoded; variables and extensions are JSON. Raises Refusal (400, 414), LimitExceeded."""
    if len(query_string) > LONGEST:
        raise Refusal(414, LimitExceeded(f"The address is longer than {LONGEST} bytes. Send the operation by POST."))
    return parameters_of(dict(_parameters(_fields(query_string))))


def _fields(query_string: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except ValueError:  # UnicodeDecodeError is one
        raise malformed("The address holds no parameters that can be read here.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise malformed("A parameter is there twice.")
    return fields


def _parameters(fields: Mapping[str, str]) -> Any:
    for name in _TEXTS:
        if name in fields:
            # parse_json looks for these in a body.
            if "\0" in fields[name]:
                raise malformed(f"{name} holds a NUL character.", name)
            yield name, fields[name]
    for name in _JSON:
        if fields.get(name):
            yield name, parse_json(fields[name].encode("utf-8"))
