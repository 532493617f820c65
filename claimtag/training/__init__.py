"""What training needs beside a model: anybody's tables of sentences as gold, warnings about them, defaults chosen."""

from claimtag.training.choosing import Choice, choose, parse_budget
from claimtag.training.layouts import Columns, Layout
from claimtag.training.recognising import is_table
from claimtag.training.tables import Table, check_varied, read_table, read_test

__all__ = [
    "Choice",
    "Columns",
    "Layout",
    "Table",
    "check_varied",
    "choose",
    "is_table",
    "parse_budget",
    "read_table",
    "read_test",
]
