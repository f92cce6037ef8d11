"""Yarn 4."""
import os
import re

from families.call import Call
from families.npm import PAGE

SETTINGS = '''npmRegistryServer: "{registry}"
unsafeHttpWhitelist: ["127.0.0.1"]
enableTelemetry: false
enableImmutableInstalls: false
nodeLinker: node-modules
npmMinimalAgeGate: 0
# nowhere: whatever is not asked of the registry is not had
httpsProxy: "http://127.0.0.1:9"
'''


class Yarn4:
    lockfile = 'yarn.lock'
    environment = {}

    def configure(self, home, registry, token):
        with open(os.path.join(home, '.yarnrc.yml'), 'w') as out:
            out.write(SETTINGS.format(registry=registry.rstrip('/')))
            if token:
                out.write(f'npmAuthToken: "{token}"\nnpmAlwaysAuth: true\n')

    def prepare(self):
        """A folder is a project to it once there is a lockfile."""
        return Call('install')

    def login(self, user):
        return Call('npm', 'login', answers=[(r'(?i)username:', user.name), (r'(?i)password:', user.password)])

    def login_web(self, visit):
        return Call('npm', 'login', '--web-login', answers=[(r'open your browser', 'n'), (PAGE, visit)])

    def whoami(self):
        return Call('npm', 'whoami')

    def logout(self):
        return Call('npm', 'logout')

    def publish(self, tag=None, access=None, code=None, asked=None):
        options = [text for name, value in (('tag', tag), ('access', access), ('otp', code)) if value
                   for text in (f'--{name}', value)]
        return Call('npm', 'publish', *options, answers=[(r'(?i)one-time password:', asked)] if asked else ())

    def publish_in_workflow(self, environment):
        return Call('npm', 'publish', environment=environment)

    def view(self, name):
        return Call('npm', 'info', name, '--json')

    def install(self):
        return Call('install')

    install_again = install

    def install_locked(self):
        return Call('install', '--immutable')

    def locked(self, text):
        """It keeps digests of its own, and an address only where it is not the usual one."""
        found = re.findall(r'^  resolution: "(@?[^@"]+)@npm:([^"]+)"', text, re.M)
        return {name: (None, version if '__archiveUrl' in version else None) for name, version in found}

    def tag_add(self, name, version, tag):
        return Call('npm', 'tag', 'add', f'{name}@{version}', tag)

    def tag_list(self, name):
        return Call('npm', 'tag', 'list', name)

    def tag_remove(self, name, tag):
        return Call('npm', 'tag', 'remove', name, tag)

    def audit(self):
        return Call('npm', 'audit')
