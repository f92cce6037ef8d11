"""An issuer of id-tokens: what a build server is to a registry that trusts it, and to a client that runs there."""
import base64
import hashlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse

# what clients ask it for: the host of their registry
AUDIENCE = 'npm:127.0.0.1'
REPOSITORY, WORKFLOW = 'acme/built', 'release.yml'
# the beginning of what a signature of RSA with SHA-256 is over (RFC 8017, 9.2)
SHA256 = bytes.fromhex('3031300d060960864801650304020105000420')
LENGTH = 256


def prime():
    """With high probability one, of half a key's length."""
    while True:
        number = secrets.randbits(LENGTH * 4) | 3 << LENGTH * 4 - 2 | 1
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class Issuer:
    """It shows its key, and gives an id-token for a run of one workflow to whoever has the secret of the run."""

    def __init__(self):
        p, q = prime(), prime()
        self.modulus, self.exponent = p * q, pow(65537, -1, (p - 1) * (q - 1))
        self.secret = secrets.token_hex(16)
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_GET(self):
                status, document = issuer.get(urllib.parse.urlsplit(self.path), self.headers.get('authorization'))
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self):
        """What the configuration file of a registry says that trusts it."""
        return (f'[[trusted_issuer]]\nname = "builds"\nprovider = "github"\nurl = "{self.url}"\n'
                f'audience = "{AUDIENCE}"\n')

    def environment(self):
        """What a run of the workflow finds."""
        return {'CI': 'true', 'GITHUB_ACTIONS': 'true', 'ACTIONS_ID_TOKEN_REQUEST_URL': f'{self.url}/run?api-version=1',
                'ACTIONS_ID_TOKEN_REQUEST_TOKEN': self.secret}

    def get(self, url, authorization):
        if url.path == '/.well-known/openid-configuration':
            return 200, {'issuer': self.url, 'jwks_uri': f'{self.url}/keys'}
        if url.path == '/keys':
            modulus = text(self.modulus.to_bytes(LENGTH, 'big'))
            return 200, {'keys': [{'kty': 'RSA', 'kid': 'builds', 'alg': 'RS256', 'use': 'sig', 'n': modulus, 'e': 'AQAB'}]}
        if url.path == '/run' and authorization == f'Bearer {self.secret}':
            audience, = urllib.parse.parse_qs(url.query).get('audience', [''])
            return 200, {'value': self.id_token(audience)}
        return 404, {}

    def id_token(self, audience):
        now = int(time.time())
        claims = {'iss': self.url, 'aud': audience, 'sub': f'repo:{REPOSITORY}:ref:refs/heads/main', 'iat': now, 'exp': now + 300,
                  'jti': secrets.token_hex(8), 'repository': REPOSITORY, 'repository_visibility': 'private',
                  'workflow_ref': f'{REPOSITORY}/.github/workflows/{WORKFLOW}@refs/heads/main'}
        header = {'alg': 'RS256', 'kid': 'builds', 'typ': 'JWT'}
        signed = '.'.join(text(json.dumps(part).encode()) for part in (header, claims))
        digest = SHA256 + hashlib.sha256(signed.encode()).digest()
        padded = b'\x00\x01' + b'\xff' * (LENGTH - 3 - len(digest)) + b'\x00' + digest
        signature = pow(int.from_bytes(padded, 'big'), self.exponent, self.modulus).to_bytes(LENGTH, 'big')
        return f'{signed}.{text(signature)}'

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
