"""Yarn 1."""
import os
import re

from families.call import Call
from families.yarn_words import YarnWords


class Yarn1(YarnWords):
    lockfile = 'yarn.lock'
    # where root has a home of its own otherwise, in /usr/local/share
    environment = {'FAKEROOTKEY': 'none'}

    def configure(self, home, registry, token):
        with open(os.path.join(home, '.yarnrc'), 'w') as out:
            out.write(f'registry "{registry}"\nversion-tag-prefix "v"\ndisable-self-update-check true\n')
        with open(os.path.join(home, '.npmrc'), 'w') as out:
            out.write(f'registry={registry}\n')
            if token:
                out.write(f'{registry.removeprefix("http:")}:_authToken={token}\nalways-auth=true\n')

    def one_command(self, user, call):
        """Without a token it logs in for one command, and out again."""
        answers = [(r'question npm username:', user.name), (r'question npm password:', user.password),
                   (r'question npm email:', f'{user.name}@registry.example')]
        return Call(*call.arguments, answers=answers)

    def publish(self, tag=None, access=None, code=None, asked=None):
        options = [text for name, value in (('tag', tag), ('access', access), ('otp', code)) if value
                   for text in (f'--{name}', value)]
        # the version is asked for where nobody says it
        answers = [(r'(?i)(one-time|otp|2fa|two.factor)[^\n]*:', asked)] if asked else ()
        return Call('publish', '--new-version', '1.0.0', '--no-git-tag-version', *options, answers=answers)

    def locked(self, text):
        found = re.findall(r'^"?(@?[^@"\n]+)@[^\n]*:\n  version [^\n]+\n  resolved "([^"#]+)[^\n]*\n(?:  integrity (\S+))?', text, re.M)
        return {name: (integrity or None, resolved) for name, resolved, integrity in found}

    def tag_add(self, name, version, tag):
        return Call('tag', 'add', f'{name}@{version}', tag)

    def tag_list(self, name):
        return Call('tag', 'list', name)

    def tag_remove(self, name, tag):
        return Call('tag', 'remove', name, tag)

    def owner_add(self, user, name):
        return Call('owner', 'add', user, name)

    def owner_list(self, name):
        return Call('owner', 'list', name)

    def owner_remove(self, user, name):
        return Call('owner', 'remove', user, name)

    def team_create(self, team):
        return Call('team', 'create', team)

    def team_add(self, team, user):
        return Call('team', 'add', team, user)

    def team_list(self, team):
        return Call('team', 'list', team)

    def team_remove(self, team, user):
        return Call('team', 'remove', team, user)

    def team_destroy(self, team):
        return Call('team', 'destroy', team)
