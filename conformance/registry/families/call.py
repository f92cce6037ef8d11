"""One command line of a client."""


class Call:
    """Arguments; what is typed where it asks, if it is to run at a terminal; variables that it has beside the usual ones."""

    def __init__(self, *arguments, answers=(), environment=None):
        self.arguments, self.answers, self.environment = arguments, answers, environment or {}
