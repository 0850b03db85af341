"""Random schools for figures: skewed, sparse, with levels that nobody or nearly nobody has."""

from __future__ import annotations

from random import Random

from server.compliance.disclosure.family import Family, Person


def family(drawn: Random, most_levels: int = 6) -> Family:
    hub = tuple(f"y{i}" for i in range(drawn.randint(1, 5)))
    names = [f"d{i}" for i in range(drawn.randint(1, 3))]
    return Family(hub, {name: tuple(f"{name}.{i}" for i in range(drawn.randint(2, most_levels))) for name in names})


def people(drawn: Random, of: Family, number: int) -> list[Person]:
    """Each line of levels has its own skew, from even to nearly all in one."""
    weights = {
        name: [drawn.random() ** drawn.choice((1, 3, 8)) for _ in levels] for name, levels in of.dimensions.items()
    }
    years = [drawn.random() ** drawn.choice((0, 1, 3)) for _ in of.hub]
    return [
        Person(
            drawn.choices(of.hub, years)[0],
            {name: drawn.choices(levels, weights[name])[0] for name, levels in of.dimensions.items()},
        )
        for _ in range(number)
    ]


def values(drawn: Random, number: int) -> list[int | None]:
    """From 0 to 100, often at an end, sometimes missing."""
    missing, extreme = drawn.choice((0.0, 0.05, 0.5)), drawn.choice((0.0, 0.5, 0.98))
    end = drawn.choice((0, 100))
    return [
        None if drawn.random() < missing else end if drawn.random() < extreme else drawn.randint(0, 100)
        for _ in range(number)
    ]
