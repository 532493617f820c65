"""How label schemes change: how two versions differ, migrations of annotations and models, what to read again."""

from claimtag.changing.diffing import Rereading, SchemeDiff, diff, rereading
from claimtag.changing.migrations import Migration, Step, load_migration
from claimtag.changing.routes import Route, find_route, known_migrations
from claimtag.changing.sentences import Losses, migrate

__all__ = [
    "Losses",
    "Migration",
    "Rereading",
    "Route",
    "SchemeDiff",
    "Step",
    "diff",
    "find_route",
    "known_migrations",
    "load_migration",
    "migrate",
    "rereading",
]
