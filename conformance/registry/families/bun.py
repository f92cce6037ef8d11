"""Bun."""
import os
import re

from families.call import Call
from families.yarn_words import YarnWords


class Bun(YarnWords):
    lockfile = 'bun.lock'
    environment = {'DO_NOT_TRACK': '1'}

    def configure(self, home, registry, token):
        with open(os.path.join(home, '.npmrc'), 'w') as out:
            out.write(f'registry={registry}\n')
            if token:
                out.write(f'{registry.removeprefix("http:")}:_authToken={token}\n')

    def whoami(self):
        return Call('pm', 'whoami')

    def publish(self, tag=None, access=None, code=None, asked=None):
        options = [f'--{name}={value}' for name, value in (('tag', tag), ('access', access), ('otp', code)) if value]
        answers = [(r'(?i)(enter otp|one-time password)[^\n]*:', asked)] if asked else ()
        return Call('publish', *options, answers=answers)

    def locked(self, text):
        found = re.findall(r'^    "(@?[^"]+)": \["[^"]+", "([^"]*)", \{[^\n]*\}, "(sha512-[^"]+)"\]', text, re.M)
        return {name: (integrity, resolved or None) for name, resolved, integrity in found}
