"""pnpm 12, which speaks to registries itself."""
import os
import re

from families.call import Call
from families.npm import PAGE, Npm


class Pnpm(Npm):
    lockfile = 'pnpm-lock.yaml'
    # what was published a moment ago is installed here
    environment = {'PNPM_CONFIG_MINIMUM_RELEASE_AGE': '0', 'PNPM_CONFIG_FETCH_RETRIES': '0'}

    def __init__(self):
        super().__init__(9)
        self.member_set = self.login = self.hook_add = self.publish_attested = self.audit_attestations = None
        # which npm has since 11
        del self.stage_publish, self.publish_in_workflow

    def configure(self, home, registry, token):
        super().configure(home, registry, token)
        own = os.path.join(home, '.config', 'pnpm', 'auth.ini')
        if os.path.exists(own):
            os.remove(own)

    def login_web(self, visit):
        return Call('login', answers=[(PAGE, visit)])

    def publish(self, tag=None, access=None, code=None, asked=None):
        call = super().publish(tag, access, code, asked)
        return Call(*call.arguments, '--no-git-checks', answers=call.answers)

    def stage_publish(self):
        return Call('stage', 'publish', '--no-git-checks')

    def install_again(self):
        return Call('install')

    def install_locked(self):
        return Call('install', '--frozen-lockfile')

    def locked(self, text):
        found = re.findall(r"^  '?(@?[^@\n]+)@[^:\n]+?'?:\n    resolution: \{integrity: ([^,}\s]+)(?:, tarball: ([^}]+))?\}",
                           text, re.M)
        return {name: (integrity, tarball or None) for name, integrity, tarball in found}

    def owner_add(self, user, name):
        return Call('owner', 'add', name, user)

    def owner_remove(self, user, name):
        return Call('owner', 'rm', name, user)

    def packages_of(self, account, organisation=True):
        return super().packages_of('@' + account if organisation else account)

    def team_create(self, team):
        return super().team_create('@' + team)

    def team_add(self, team, user):
        return super().team_add('@' + team, user)

    def team_list(self, team):
        return super().team_list('@' + team)

    def team_remove(self, team, user):
        return super().team_remove('@' + team, user)

    def team_destroy(self, team):
        return super().team_destroy('@' + team)

    def undeprecate(self, spec):
        return Call('undeprecate', spec)

    def token_create(self, user):
        return Call('token', 'create', answers=[(r'(?i)password', user.password)])
