"""Tags news articles, French first: the themes of every sentence, and for every claim who says what."""

__version__ = "0.1.0"
