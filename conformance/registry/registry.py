"""A registry of its own for each client: started, filled, and asked for its state behind the client's back."""
import base64
import hashlib
import hmac
import json
import os
import re
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import terminal

# the limits are for people: nobody guesses passwords here
LIMITS = '[limits]\nlogins_per_minute = 100000\npublishes_per_minute = 100000\n'


def settings(upstreams, issuer):
    """The configuration file for upstreams: by their name, the address and the packages that come from there."""
    lines, rules = [], []
    for upstream, (url, names) in upstreams.items():
        lines.append(f'[[upstream]]\nname = "{upstream}"\nurl = "{url}"\n')
        rules += [f'  {{ names = "{name}", from = "{upstream}" }},' for name in names]
    rules.append('  { names = "*", from = "here" },')
    return '\n'.join([*lines, issuer.settings(), '[names]', 'rules = [', *rules, ']', LIMITS])


class User:
    """Somebody with an account; `token` does all that they may."""

    def __init__(self, name, password, token):
        self.name, self.password, self.token = name, password, token
        self.secret, self.last_step = None, 0

    def one_time_password(self):
        """A code that was not used yet: of the time, or of the next half minute."""
        step = max(self.last_step + 1, int(time.time()) // 30)
        while step > int(time.time()) // 30 + 1:
            time.sleep(1)
        return self.code(step)

    def code(self, step):
        self.last_step = step
        digest = hmac.new(base64.b32decode(self.secret), struct.pack('>q', step), hashlib.sha1).digest()
        word, = struct.unpack_from('>I', digest, digest[-1] & 15)
        return f'{(word & 0x7fffffff) % 1000000:06}'


class Registry:
    def __init__(self, knit, folder, upstreams, issuer):
        self.knit, self.folder = knit, folder
        os.makedirs(folder)
        with open(os.path.join(folder, 'registry.toml'), 'w') as out:
            out.write(settings(upstreams, issuer))
        self.log = open(os.path.join(folder, 'log'), 'wb')
        command = [knit, 'registry', 'serve', '--data', folder, '--listen', '127.0.0.1:0']
        # cargo's own settings and npm's are none of its business
        self.environment = {'PATH': os.environ['PATH'], 'HOME': folder}
        self.process = terminal.start(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=self.log, text=True)
        said = self.process.stdout.readline()
        address = re.search(r'http://[\d.]+:(\d+)/', said)
        if not address:
            self.stop()
            raise SystemExit(f'the registry does not start: {said}{open(self.log.name).read()}')
        self.url, self.port = address.group(0), int(address.group(1))
        self.admin = self.make_user('root', '--admin')

    def make_user(self, name, *options):
        def ask(*command):
            return subprocess.run([self.knit, 'registry', *command, '--data', self.folder], check=True, text=True,
                                  env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split()[-1]
        return User(name, ask('user', name, f'{name}@registry.example', *options), ask('token', name))

    def require_one_time_passwords(self, user, mode):
        """Gives a user an authenticator, for logins alone or for whatever they change."""
        wanted = {'tfa': {'password': user.password, 'mode': mode}}
        uri = self.expect('POST', '-/npm/v1/user', user, wanted)['tfa']
        user.secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)['secret'][0]
        self.expect('POST', '-/npm/v1/user', user, {'tfa': [user.code(int(time.time()) // 30 - 1)]})

    def ask(self, method, path, user=None, body=None, token=None):
        """Status and document of an answer."""
        headers = {'content-type': 'application/json'}
        if user or token:
            headers['authorization'] = 'Bearer ' + (token or user.token)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            error.read()
            return error.code, None

    def expect(self, method, path, user=None, body=None):
        status, document = self.ask(method, path, user, body)
        if status >= 400:
            raise RuntimeError(f'{method} /{path} was answered {status} while something was prepared')
        return document

    def packument(self, name):
        """What everybody who may read it sees; None where it is not there."""
        return self.ask('GET', name.replace('/', '%2f'), self.admin)[1]

    def bytes(self, url):
        """What is at one of its addresses."""
        path = urllib.parse.urlsplit(url).path.lstrip('/')
        request = urllib.request.Request(self.url + path, headers={'authorization': 'Bearer ' + self.admin.token})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def document(self, url):
        """The document at one of its addresses."""
        return json.loads(self.bytes(url))

    def tokens(self, user):
        """The tokens of a user, by their keys."""
        return {token['key']: token for token in self.ask('GET', '-/npm/v1/tokens', user)[1]['objects']}

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
