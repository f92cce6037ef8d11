"""Another registry, as far as the registry under test asks one: two packages, and an advisory against one of them."""
import gzip
import http.server
import json
import threading

import packages

ADVISORY = {'id': 1000042, 'url': 'https://registry.example/advisories/GHSA-xxxx-matr-ix42', 'title': 'leaky leaks',
            'severity': 'high', 'vulnerable_versions': '<1.0.1', 'cwe': ['CWE-200'],
            'cvss': {'score': 7.5, 'vectorString': 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'}}


class Upstream:
    NAMES = ('leaky', 'sound')

    def __init__(self):
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer(*upstream.get(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('content-length') or 0))
                if self.headers.get('content-encoding') == 'gzip':
                    body = gzip.decompress(body)
                if not self.path.endswith('/advisories/bulk'):
                    return self.answer(404, b'{}')
                found = {'leaky': [ADVISORY]} if '1.0.0' in json.loads(body).get('leaky', []) else {}
                self.answer(200, json.dumps(found).encode())

            def answer(self, status, body):
                self.send_response(status)
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}/'
        self.documents = {name: packages.manifest(name, '1.0.0') for name in self.NAMES}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path):
        name, _, file = path.lstrip('/').partition('/-/')
        document = self.documents.get(name)
        if document is None:
            return 404, b'{}'
        data = packages.tarball(document)
        if file:
            return 200, data
        version = {**document, '_id': f'{name}@1.0.0', 'dist': packages.dist(data, f'{self.url}{name}/-/{name}-1.0.0.tgz')}
        return 200, json.dumps({'_id': name, 'name': name, 'dist-tags': {'latest': '1.0.0'}, 'versions': {'1.0.0': version},
                                'time': {'created': '2020-01-01T00:00:00.000Z', 'modified': '2020-01-01T00:00:00.000Z',
                                         '1.0.0': '2020-01-01T00:00:00.000Z'}}).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
