"""Every error Usher speaks, one tree.

    UsherError                     a coded, expected error: its sentence may be shown to the caller
    ├── BadUserInput               BAD_USER_INPUT        an argument can't be read
    ├── PostRequired               BAD_USER_INPUT        by GET, what isn't a query
    ├── BadCursor                  BAD_CURSOR            a cursor that this person, filter and order never got
    ├── Forbidden                  FORBIDDEN             the operation is not for this caller
    │   ├── ForbiddenArgument      FORBIDDEN_ARGUMENT    an argument reads an element the caller may never read
    │   └── SecondFactorRequired   SECOND_FACTOR_REQUIRED  whoever may do this signs in with two factors
    ├── DocumentNotRegistered      DOCUMENT_NOT_REGISTERED  a document that this client may not ask
    ├── Unauthenticated            UNAUTHENTICATED       no token, or one that does not verify
    ├── PolicyUnavailable          POLICY_UNAVAILABLE    the school's rule book can't be loaded, or keeps changing
    ├── PolicyInvalid              POLICY_INVALID        rules, edits or sentences that can't become a rule book
    ├── LimitExceeded              LIMIT_EXCEEDED        the document is too deep, wide or costly
    ├── RateLimited                RATE_LIMITED          too much asked in a short time; retry after `seconds`
    ├── Unavailable                UNAVAILABLE           the database can't be reached; retry later
    │   └── ServerLeaving          UNAVAILABLE           this server process ends; another goes on
    ├── IdempotencyConflict        IDEMPOTENCY_CONFLICT  a key used before with other content
    ├── PermissionEnded            PERMISSION_ENDED      a stream whose rights are not what they were when it began
    └── ResyncRequired             RESYNC_REQUIRED       a stream that missed events which can't be told any more

Anything that is not an UsherError is a defect: it is masked as INTERNAL_ERROR with a reference.
Sentences name the argument and the remedy, never a value the caller may not see.
"""

from __future__ import annotations


class UsherError(Exception):
    """`path` is the argument path inside the operation, such as ("input", "marks", 3, "score")."""

    code = "INTERNAL_ERROR"

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class BadUserInput(UsherError):
    code = "BAD_USER_INPUT"


class PostRequired(UsherError):
    code = "BAD_USER_INPUT"


class BadCursor(UsherError):
    code = "BAD_CURSOR"


class Forbidden(UsherError):
    code = "FORBIDDEN"


class ForbiddenArgument(Forbidden):
    code = "FORBIDDEN_ARGUMENT"


class SecondFactorRequired(Forbidden):
    code = "SECOND_FACTOR_REQUIRED"


class DocumentNotRegistered(UsherError):
    code = "DOCUMENT_NOT_REGISTERED"


class Unauthenticated(UsherError):
    code = "UNAUTHENTICATED"


class PolicyUnavailable(UsherError):
    code = "POLICY_UNAVAILABLE"


class PolicyInvalid(UsherError):
    code = "POLICY_INVALID"


class LimitExceeded(UsherError):
    code = "LIMIT_EXCEEDED"


class RateLimited(UsherError):
    """`seconds`: after how long it is worth trying again."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(UsherError):
    code = "UNAVAILABLE"


class ServerLeaving(Unavailable): ...


class IdempotencyConflict(UsherError):
    code = "IDEMPOTENCY_CONFLICT"


class PermissionEnded(UsherError):
    code = "PERMISSION_ENDED"


class ResyncRequired(UsherError):
    code = "RESYNC_REQUIRED"
