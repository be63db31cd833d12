"""Which language a text is in, how languages are named, and what is asked of text in each of them."""

from corpus.language.identifier import Identification, Identifier, identifier, identify

__all__ = ["Identification", "Identifier", "identifier", "identify"]
