"""Errors that are the user's to mend. The command shows them as one message, without a traceback."""

from __future__ import annotations


class CorpusError(Exception):
    """Something outside the program is wrong: a file, a setting, a full disk. The message says where and what to do."""


class UsageError(CorpusError):
    """The command or the configuration was written wrongly (exit status 2)."""
