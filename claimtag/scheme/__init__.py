"""Label schemes: a versioned codebook as data, loaded from TOML, validated, and named by the hash of its content.

A scheme lives in `labels/<name>/<version>.toml`. Those that ship are loaded by name, any other by its path.
"""

from __future__ import annotations

from claimtag.scheme.labels import Choice, Claims, Contrast, Exclude, Field, Group, Label, Scheme
from claimtag.scheme.loading import (
    labels_folder,
    load_scheme,
    scheme_file,
    scheme_from_dict,
    shipped_schemes,
    version_key,
)
from claimtag.scheme.problems import LANGUAGE, NAME, SLUG, VERSION

__all__ = [
    "Group",
    "Label",
    "Exclude",
    "Contrast",
    "Claims",
    "Choice",
    "Field",
    "Scheme",
    "load_scheme",
    "scheme_file",
    "scheme_from_dict",
    "shipped_schemes",
    "labels_folder",
    "version_key",
    "NAME",
    "SLUG",
    "VERSION",
    "LANGUAGE",
]
