"""The whole corpus: every family is imported here, in the order of the table."""

from tests.attack import attribution, byte_level, dependencies, late, misuse, replays, schema, views
from tests.attack.corpus import CORPUS

__all__ = ["CORPUS", "attribution", "byte_level", "dependencies", "late", "misuse", "replays", "schema", "views"]
