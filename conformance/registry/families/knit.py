"""knit itself, whose command line is that of npm 11, and has what older ones had."""
from families.npm import Npm


class Knit(Npm):
    def __init__(self):
        super().__init__(11)
        for method in ('hook_add', 'hook_list', 'hook_update', 'hook_remove'):
            # those of the class
            delattr(self, method)
