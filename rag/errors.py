"""The errors that rag raises for its callers; the command line and the chat show their message."""

from __future__ import annotations

from index.errors import Fault


class RagFault(Fault):
    """Base of all errors here. Its message is one sentence that says what to do next."""


class QuestionFault(RagFault):
    """The question cannot be asked as it is (empty, too long)."""


class HaltedError(Exception):
    """Work that can wait was left, because somebody asks; what is finished of it is kept."""


class ModelFault(RagFault):
    """The language model cannot be had or used (missing part, wrong digest, endpoint down)."""


class AddressFault(RagFault):
    """A name, an origin or a path that the chat is to be served under is none."""


class SignOnFault(RagFault):
    """Visitors cannot sign in at a provider as the settings say, or not at this moment."""


class LimitsFault(RagFault):
    """What limits are to be counted in is not there."""
