"""npm 6 and later."""
import json
import os
import re

from families.call import Call


# where a command line leads a browser
PAGE = r'http://127\.0\.0\.1:\d+/-/[\w/-]+(?=\s)'


class Npm:
    lockfile = 'package-lock.json'
    environment = {}

    def __init__(self, major):
        self.major = major
        # what came and went with the years
        hooks = ('hook_add', 10), ('hook_list', 10), ('hook_update', 10), ('hook_remove', 10)
        for method, until in (('star', 11), ('unstar', 11), ('stars', 11), *hooks):
            if major > until:
                setattr(self, method, None)
        vouching = (('stage_publish', 11), ('trust_create', 11), ('publish_in_workflow', 11), ('publish_attested', 9),
                    ('audit_attestations', 9))
        for method, since in (('login', 9), ('audit_signatures', 8), ('access_status', 9), *vouching):
            if major < since:
                setattr(self, method, None)

    def configure(self, home, registry, token):
        lines = [f'registry={registry}', 'browser=false', 'fund=false', 'update-notifier=false', 'fetch-retries=0']
        if token:
            lines.append(f'{registry.removeprefix("http:")}:_authToken={token}')
        with open(os.path.join(home, '.npmrc'), 'w') as out:
            out.write('\n'.join(lines) + '\n')

    def ping(self):
        return Call('ping')

    def login(self, user):
        return Call('login', '--auth-type=legacy', answers=[(r'Username:', user.name), (r'Password:', user.password)])

    def login_web(self, visit):
        # the older ones know one way, and take the browser's where there is one
        options = ['--auth-type=web'] if self.major > 8 else ['--no-browser'] if self.major == 6 else []
        return Call('login', *options, answers=[(PAGE, visit)])

    def whoami(self):
        return Call('whoami')

    def logout(self):
        return Call('logout')

    def publish(self, tag=None, access=None, code=None, asked=None):
        options = [f'--{name}={value}' for name, value in (('tag', tag), ('access', access), ('otp', code)) if value]
        return Call('publish', *options, answers=[(r'(?i)(enter otp|one-time password):?', asked)] if asked else ())

    def view(self, name):
        return Call('view', name, '--json')

    def install(self):
        return Call('install')

    def install_again(self):
        return Call('install', '--prefer-online')

    def install_locked(self):
        return Call('ci')

    def locked(self, text):
        """Integrity and address of what a lockfile holds, by name."""
        document = json.loads(text)
        entries = {name: entry for name, entry in document.get('dependencies', {}).items()}
        entries |= {path.removeprefix('node_modules/'): entry for path, entry in document.get('packages', {}).items()}
        return {name: (entry.get('integrity'), entry.get('resolved')) for name, entry in entries.items()}

    def tag_add(self, name, version, tag):
        return Call('dist-tag', 'add', f'{name}@{version}', tag)

    def tag_list(self, name):
        return Call('dist-tag', 'ls', name)

    def tag_remove(self, name, tag):
        return Call('dist-tag', 'rm', name, tag)

    def deprecate(self, spec, message):
        return Call('deprecate', spec, message)

    def undeprecate(self, spec):
        return Call('undeprecate', spec) if self.major > 10 else Call('deprecate', spec, '')

    def owner_add(self, user, name):
        return Call('owner', 'add', user, name)

    def owner_list(self, name):
        # npm 6 and 7 show what they have in the cache otherwise
        return Call('owner', 'ls', name, *(['--prefer-online'] if self.major < 8 else []))

    def owner_remove(self, user, name):
        return Call('owner', 'rm', user, name)

    def access_set(self, name, public):
        if self.major > 8:
            return Call('access', 'set', f'status={"public" if public else "private"}', name)
        return Call('access', 'public' if public else 'restricted', name)

    def access_status(self, name):
        return Call('access', 'get', 'status', name)

    def access_factor(self, name, required, code=None):
        options = [f'--otp={code}'] if code else []
        if self.major > 8:
            return Call('access', 'set', f'mfa={"publish" if required else "none"}', name, *options)
        return Call('access', '2fa-required' if required else '2fa-not-required', name, *options)

    def collaborators(self, name):
        return Call('access', *(['list', 'collaborators'] if self.major > 8 else ['ls-collaborators']), name)

    def packages_of(self, account, organisation=True):
        return Call('access', *(['list', 'packages'] if self.major > 8 else ['ls-packages']), account)

    def grant(self, reach, team, name):
        return Call('access', 'grant', reach, team, name)

    def revoke_grant(self, team, name):
        return Call('access', 'revoke', team, name)

    def team_create(self, team):
        return Call('team', 'create', team)

    def team_add(self, team, user):
        return Call('team', 'add', team, user)

    def team_list(self, team):
        return Call('team', 'ls', team)

    def team_remove(self, team, user):
        return Call('team', 'rm', team, user)

    def team_destroy(self, team):
        return Call('team', 'destroy', team)

    def member_set(self, organisation, user, role):
        return Call('org', 'set', organisation, user, role)

    def member_list(self, organisation):
        return Call('org', 'ls', organisation)

    def member_remove(self, organisation, user):
        return Call('org', 'rm', organisation, user)

    def search(self, text):
        return Call('search', text)

    def star(self, name):
        return Call('star', name)

    def stars(self):
        return Call('stars')

    def unstar(self, name):
        return Call('unstar', name)

    def audit(self):
        return Call('audit')

    def audit_signatures(self):
        return Call('audit', 'signatures')

    audit_attestations = audit_signatures

    def publish_in_workflow(self, environment):
        call = self.publish()
        return Call(*call.arguments, environment=environment)

    def publish_attested(self, tarball, bundle):
        return Call('publish', tarball, f'--provenance-file={bundle}')

    def stage_publish(self):
        return Call('stage', 'publish')

    def stage_list(self, name):
        return Call('stage', 'list', name)

    def stage_view(self, identifier):
        return Call('stage', 'view', identifier)

    def stage_download(self, identifier):
        return Call('stage', 'download', identifier)

    def stage_approve(self, identifier):
        return Call('stage', 'approve', identifier)

    def stage_reject(self, identifier):
        return Call('stage', 'reject', identifier)

    def trust_create(self, name, repository, file):
        return Call('trust', 'github', name, '--repo', repository, '--file', file, '--allow-publish', '--yes')

    def trust_list(self, name):
        return Call('trust', 'list', name)

    def trust_revoke(self, name, identifier):
        return Call('trust', 'revoke', name, '--id', identifier)

    def hook_add(self, name, url, secret):
        return Call('hook', 'add', name, url, secret)

    def hook_list(self, name):
        return Call('hook', 'ls', name)

    def hook_update(self, identifier, url, secret):
        return Call('hook', 'update', identifier, url, secret)

    def hook_remove(self, identifier):
        return Call('hook', 'rm', identifier)

    def token_create(self, user):
        options = ['--name=matrix', '--packages-all', '--packages-and-scopes-permission=read-only', '--expires=7']
        return Call('token', 'create', *(options if self.major > 10 else []), answers=[(r'(?i)password:', user.password)])

    def token_list(self):
        return Call('token', 'list')

    def token_revoke(self, key):
        return Call('token', 'revoke', key)

    def profile(self):
        return Call('profile', 'get')

    def profile_set(self, key, value):
        return Call('profile', 'set', key, value)

    def profile_password(self, old, new):
        answers = [(r'(?i)current password:', old), (r'(?i)new password:', new), (r'(?i)again:', new)]
        return Call('profile', 'set', 'password', answers=answers)

    def unpublish(self, spec):
        return Call('unpublish', spec, '--force')


def shows(text, *words):
    """Whether each word stands in what a client says."""
    return all(re.search(rf'(?<![\w.-]){re.escape(word)}(?![\w-])', text) for word in words)
