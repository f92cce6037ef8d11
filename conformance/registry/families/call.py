"""One command line of a client."""


class Call:
    """Arguments; what is typed where it asks, if it is to run at a terminal; whether it may end with an error."""

    def __init__(self, *arguments, answers=()):
        self.arguments, self.answers = arguments, answers
