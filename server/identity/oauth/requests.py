"""A form that was posted, as authlib reads requests."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic, reportOptionalMemberAccess=false
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request


@dataclass(frozen=True, slots=True)
class Form:
    """`fields`: each name once; `authorization` and `proof`: the headers Authorization and DPoP, if they were there."""

    fields: Mapping[str, str]
    authorization: str | None = None
    proof: str | None = None


class _Payload(OAuth2Payload):
    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = dict(fields)

    @property
    def data(self) -> dict[str, str]:
        return self._fields

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {name: [value] for name, value in self._fields.items()})


class FormRequest(OAuth2Request):
    def __init__(self, uri: str, form: Form) -> None:
        headers = {} if form.authorization is None else {"Authorization": form.authorization}
        super().__init__("POST", uri, headers=headers)
        self.payload = _Payload(form.fields)
        self.proof = form.proof

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    @property
    def args(self) -> dict[str, str]:
        return {}
