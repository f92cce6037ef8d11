"""One client at one registry: the commands it runs, each in a home of its own, and what was seen of them."""
import json
import os
import re
import shutil
import time

import packages
import terminal
from registry import Registry
from relay import Relay

# nobody listens there: what is not asked of the registry is not had
NOWHERE = 'http://127.0.0.1:9'
TIMEOUT = 120


class Missing(Exception):
    """The client has no such command."""


class Failed(Exception):
    """What was to happen did not."""


def check(holds, message):
    if not holds:
        raise Failed(message)


class Trial:
    def __init__(self, client, command, node, knit, upstreams, issuer, folder):
        self.client, self.family, self.command, self.node = client, client.family, command, node
        self.issuer = issuer
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        self.home, self.work = os.path.join(folder, 'home'), os.path.join(folder, 'work')
        os.makedirs(self.home)
        os.makedirs(self.work)
        self.registry = Registry(knit, os.path.join(folder, 'registry'), upstreams, issuer)
        self.relay = Relay(self.registry.port)
        self.log = open(os.path.join(folder, 'log'), 'w')
        self.count, self.anywhere = 0, None
        # how many homes there were, so that steps know whether a cache is still the one that they filled
        self.homes = 0
        self.first_install = None
        self.ann, self.bea, self.otto = (self.registry.make_user(name) for name in ('ann', 'bea', 'otto'))
        for user, role in ((self.ann, 'owner'), (self.bea, 'developer')):
            self.registry.expect('PUT', '-/org/acme/user', self.registry.admin, {'user': user.name, 'role': role})

    def close(self):
        self.relay.stop()
        self.registry.stop()
        self.log.close()

    def environment(self):
        here = {name: os.path.join(self.home, folder) for name, folder in (
            ('HOME', ''), ('XDG_CONFIG_HOME', '.config'), ('XDG_CACHE_HOME', '.cache'), ('XDG_DATA_HOME', '.local/share'),
            ('XDG_STATE_HOME', '.local/state'), ('TMPDIR', 'tmp'))}
        os.makedirs(here['TMPDIR'], exist_ok=True)
        proxies = {name: NOWHERE for name in ('HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy')}
        return {'PATH': f'{self.node}:/usr/bin:/bin', 'LANG': 'C.UTF-8', 'TERM': 'xterm', 'NO_COLOR': '1', **here, **proxies,
                'NO_PROXY': '127.0.0.1', 'no_proxy': '127.0.0.1', **self.family.environment}

    def be(self, user):
        """The client's configuration holds a user's token, or none."""
        self.family.configure(self.home, self.relay.url, user and user.token)

    def fresh_home(self):
        """No cache, no configuration."""
        shutil.rmtree(self.home)
        os.makedirs(self.home)
        self.homes += 1

    def empty(self):
        """A new folder."""
        self.count += 1
        path = os.path.join(self.work, str(self.count))
        os.makedirs(path)
        return path

    def seed(self, *documents, user=None, access=None):
        """Publishes without the client."""
        for document in documents:
            name = document['name'].replace('/', '%2f')
            self.registry.expect('PUT', name, user or self.ann, packages.publication(document, access=access))

    def package(self, name, version='1.0.0', **more):
        """A folder that the client is to publish."""
        path = packages.folder(os.path.join(self.empty(), 'package'), packages.manifest(name, version, **more))
        self.prepare(path)
        return path

    def project(self, dependencies=None):
        path = self.empty()
        with open(os.path.join(path, 'package.json'), 'w') as out:
            json.dump({'name': 'project', 'version': '1.0.0', 'private': True, 'dependencies': dependencies or {}}, out)
        return path

    def prepare(self, path):
        if hasattr(self.family, 'prepare'):
            self.run(self.family.prepare(), path)

    def has(self, verb):
        return getattr(self.family, verb, None) is not None

    def do(self, verb, *arguments, cwd=None, **options):
        """Runs what the family calls a verb; it must end well."""
        said = self.attempt(verb, *arguments, cwd=cwd, **options)
        check(said.code == 0, f'{verb} ended with {"no" if said.code is None else said.code}: {last_lines(said.text)}')
        return said

    def attempt(self, verb, *arguments, cwd=None, **options):
        """Runs what the family calls a verb, however it ends."""
        if not self.has(verb):
            raise Missing(verb)
        if cwd is None:
            cwd = self.anywhere = self.anywhere or self.project()
            if not os.path.exists(os.path.join(cwd, self.family.lockfile)):
                self.prepare(cwd)
        return self.run(getattr(self.family, verb)(*arguments, **options), cwd)

    def run(self, call, cwd):
        self.relay.exchanges.clear()
        started = time.monotonic()
        command = [*self.command, *call.arguments]
        environment = {**self.environment(), **call.environment}
        if call.answers:
            said = terminal.converse(command, cwd, environment, TIMEOUT, call.answers)
        else:
            said = terminal.run(command, cwd, environment, TIMEOUT)
        self.note(f'$ {self.client.name} {" ".join(call.arguments)}')
        self.note(said.text.rstrip())
        ended = f'killed after {TIMEOUT} s' if said.code is None else said.code
        self.note(f'-> {ended}, {time.monotonic() - started:.1f} s')
        for exchange in self.relay.exchanges:
            self.note(f'   {exchange}')
        return said

    def note(self, text):
        self.log.write(re.sub(r'knit_\w+', 'knit_***', text) + '\n')
        self.log.flush()

    def installed(self, project, name, version, of=None):
        """The version of a package in node_modules must be that one, with the file that it was published with.

        What is there because of another package may lie beside that one, wherever that is."""
        modules = os.path.join(project, 'node_modules')
        path = os.path.join(modules, name)
        if of and not os.path.exists(path):
            path = os.path.join(os.path.realpath(os.path.join(modules, of)), '..', name)
        check(os.path.exists(os.path.join(path, 'index.js')), f'{name} is not in node_modules')
        with open(os.path.join(path, 'index.js')) as file:
            check(file.read() == packages.source(name, version), f'{name} in node_modules is not {version}')

    def kept_tokens(self):
        """Tokens of the registry in the client's configuration."""
        found = set()
        for path, folders, files in os.walk(self.home):
            # npm's caches and logs have the address of a logout, which ends in the token
            folders[:] = [folder for folder in folders if folder != '.npm']
            for file in files:
                try:
                    with open(os.path.join(path, file), errors='replace') as text:
                        found.update(re.findall(r'knit_[0-9A-Za-z]{40,}', text.read(1 << 20)))
                except OSError:
                    pass
        return found


def last_lines(text):
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return ' | '.join(lines[-6:])[-600:]
