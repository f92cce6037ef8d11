"""knit itself, whose command line is that of npm 11."""
from families.npm import Npm


class Knit(Npm):
    def __init__(self):
        super().__init__(11)
