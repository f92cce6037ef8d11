"""What Bun took over from Yarn 1: the same words for the same things."""
from families.call import Call


class YarnWords:
    def view(self, name):
        return Call('info', name, '--json')

    def install(self):
        return Call('install')

    def install_again(self):
        return Call('install')

    def install_locked(self):
        return Call('install', '--frozen-lockfile')

    def audit(self):
        return Call('audit')
