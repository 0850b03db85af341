"""Small schools to test with: plain rows, made from a word and a date, the same each time.

    world = small_school("walls", today)        # rows and ids, no database
    insert_world(app_url, world)                # as the application's role would
    with acting(app_url, world, "STAFF", "teacher") as connection: ...

Every handle below is a person, class, course, assessment or window of `world.ids`. Learners and why they are there:

    ann     taught in 10/Ma1 and 10/En1, form 10A; child of pat (verified, current)
    bob     taught in 10/Ma1, form 10A; pat's link to him has ended; child of the teacher's own parent account
    cat     taught in 10/Ma2, form 10B; pat's link to her was never verified; child of quinn
    dan     taught in 11/Ma1, year 11
    eve     taught in 10/Ma1, form 10A; protected
    fay     left last year; was taught in 10/Ma1
    gus     taught in 10/Ma1, form 10B; restricted and opted out
    hal     moved from 10/Ma1 to 10/Ma2 (taught before)
"""

from tests.worlds.inserting import acting, by_hand, insert_rows, insert_world
from tests.worlds.learners import special_values
from tests.worlds.small_school import small_school
from tests.worlds.varied_school import varied_school
from tests.worlds.world import Values, World

__all__ = [
    "Values",
    "World",
    "acting",
    "by_hand",
    "insert_rows",
    "insert_world",
    "small_school",
    "special_values",
    "varied_school",
]
