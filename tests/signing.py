"""One key of a test, where a server has the files of a folder."""

from dataclasses import dataclass

from joserfc.jwk import ECKey


@dataclass(frozen=True)
class OneKey:
    key: ECKey

    def verifying(self, kid: object) -> ECKey | None:
        return self.key if kid == self.key.kid else None

    def look(self) -> int:
        return 1
