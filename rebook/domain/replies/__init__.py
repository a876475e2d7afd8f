"""What a client's words mean, read locally by rules that can be named. State first, dates last."""

from rebook.domain.replies.meaning import Asked, Meaning, Offered, Understood, Window
from rebook.domain.replies.reading import interpret

__all__ = ["Asked", "Meaning", "Offered", "Understood", "Window", "interpret"]
