#!/usr/bin/env python3
"""Load on `knit registry serve` beside Verdaccio, on this machine, one after the other.

    compare.py KNIT [--seconds 5] [--write]

Needs wrk (Debian's package) and npm, which installs Verdaccio into benchmarks/out/registry. Every figure is of one server
that runs alone; both get the same packages by npm's protocol. With --write the table goes into BENCHMARKS.md.
"""
import argparse
import base64
import concurrent.futures
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
VERDACCIO = '6.10.4'
# Verdaccio wants a newer one than Debian's
NODE = '25.8.1'
ABBREVIATED = 'application/vnd.npm.install-v1+json'
# of twenty kilobytes each, so that the packument has eight megabytes
LARGE_VERSIONS = 400


def tarball(manifest, size):
    """A package's tarball with a file of `size` bytes that do not compress."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as tar:
        for name, data in (('package.json', json.dumps(manifest).encode()), ('data', os.urandom(size))):
            entry = tarfile.TarInfo('package/' + name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(out.getvalue(), 1)


def publication(name, version, filler=0, size=100):
    """The body that npm publishes with; `filler` bytes make the manifest larger."""
    manifest = {'name': name, 'version': version, 'description': 'load', 'main': 'data', 'license': 'MIT'}
    # what an abbreviated packument keeps, so that both forms are large
    manifest['dependencies'] = {f'dependency-of-a-load-test-{i}': '^1.0.0' for i in range(filler // 40)}
    packed = tarball(manifest, size)
    sha512 = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    manifest['_id'] = f'{name}@{version}'
    manifest['dist'] = {'integrity': 'sha512-' + sha512, 'shasum': hashlib.sha1(packed).hexdigest(),
                        'tarball': f'http://registry.example/{name}/-/{name}-{version}.tgz'}
    attachment = {'content_type': 'application/octet-stream', 'data': base64.b64encode(packed).decode(),
                  'length': len(packed)}
    return {'_id': name, 'name': name, 'dist-tags': {'latest': version}, 'versions': {version: manifest},
            'access': None, '_attachments': {f'{name}-{version}.tgz': attachment}}


class Server:
    """A registry in a process of its own."""

    def __init__(self, name, command, environment, token):
        self.name, self.token = name, token
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)

    def wait(self, url):
        self.url = url
        for _ in range(600):
            try:
                urllib.request.urlopen(url + '/-/ping', timeout=2).read()
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f'{self.name} does not start')

    def put(self, path, body):
        headers = {'content-type': 'application/json'}
        if self.token:
            headers['authorization'] = 'Bearer ' + self.token
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method='PUT')
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.read()
            return error.code
        except OSError:
            return 0

    def get(self, path, accept='*/*'):
        request = urllib.request.Request(self.url + path, headers={'accept': accept})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.headers, answer.read()

    def rest(self):
        """Waits until what it was asked before no longer keeps it busy."""
        for _ in range(120):
            started = time.perf_counter()
            urllib.request.urlopen(self.url + '/-/ping', timeout=120).read()
            if time.perf_counter() - started < 0.1:
                return
            time.sleep(0.5)

    def memory(self):
        """Megabytes of all its processes."""
        total = 0
        for line in subprocess.check_output(['ps', '-o', 'rss=', '-g', str(self.process.pid)], text=True).split():
            total += int(line)
        return total / 1024

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def start_verdaccio(folder):
    home = os.path.join(ROOT, 'benchmarks', 'out', 'registry')
    binary = os.path.join(home, 'node_modules', 'verdaccio', 'bin', 'verdaccio')
    if not os.path.exists(binary):
        os.makedirs(home, exist_ok=True)
        # it asks for a dist-tag of node-fetch that mirrors of the registry do not have
        manifest = {'private': True, 'dependencies': {'node': NODE, 'verdaccio': VERDACCIO},
                    'overrides': {'node-fetch': '2.7.0'}}
        with open(os.path.join(home, 'package.json'), 'w') as out:
            json.dump(manifest, out)
        subprocess.run(['npm', 'install', '--no-audit', '--no-fund'], cwd=home, check=True, stdout=subprocess.DEVNULL)
    config = os.path.join(folder, 'config.yaml')
    with open(config, 'w') as out:
        out.write('storage: ./storage\nmax_body_size: 200mb\nauth:\n  htpasswd:\n    file: ./htpasswd\n'
                  "packages:\n  '**':\n    access: $all\n    publish: $all\n    unpublish: $all\n"
                  'log: { type: stdout, level: error }\n')
    port = free_port()
    node = os.path.join(home, 'node_modules', 'node', 'bin', 'node')
    command = [node, binary, '--config', config, '--listen', f'127.0.0.1:{port}']
    return Server(f'Verdaccio {VERDACCIO}, Node {NODE}', command, {'NODE_ENV': 'production'}, None).wait(f'http://127.0.0.1:{port}')


def start_knit(knit, folder):
    port = free_port()
    quiet = {'stderr': subprocess.DEVNULL, 'text': True}
    # nobody waits for his turn here: the limit on publications is for people
    with open(os.path.join(folder, 'registry.toml'), 'w') as out:
        out.write('[limits]\npublishes_per_minute = 1000000\n')
    subprocess.check_output([knit, 'registry', 'user', 'load', '--data', folder], **quiet)
    token = subprocess.check_output([knit, 'registry', 'token', 'load', '--data', folder], **quiet).split()[-1]
    command = [knit, 'registry', 'serve', '--data', folder, '--listen', f'127.0.0.1:{port}']
    return Server('knit', command, {}, token).wait(f'http://127.0.0.1:{port}')


def wrk(server, path, seconds, connections, headers=(), script=None):
    """Requests a second, median and 99th percentile in milliseconds; a script in Lua may choose the paths."""
    command = ['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', '--latency', '--timeout', '60s']
    command += ['-s', script] if script else []
    for header in headers:
        command += ['-H', header]
    text = subprocess.check_output(command + [server.url + path], text=True)
    unit = {'us': 1e-3, 'ms': 1, 's': 1e3, 'm': 6e4}

    def latency(label):
        found = re.search(rf'^\s+{label}%\s+([\d.]+)(us|ms|s|m)\s*$', text, re.M)
        return float(found[1]) * unit[found[2]] if found else float('nan')
    if re.search(r'Non-2xx or 3xx responses: (\d+)', text):
        raise SystemExit(f'{server.name} fails at {path}:\n{text}')
    return float(re.search(r'Requests/sec:\s+([\d.]+)', text).group(1)), latency(50), latency(99)


def fill(server):
    """A small package, one of several megabytes, a tarball of a hundred kilobytes."""
    for minor in range(10):
        assert server.put('/small', publication('small', f'1.{minor}.0', 400)) in (200, 201)
    assert server.put('/tarball', publication('tarball', '1.0.0', size=100_000)) in (200, 201)
    started = time.perf_counter()
    for patch in range(LARGE_VERSIONS):
        assert server.put('/large', publication('large', f'1.0.{patch}', 20_000)) in (200, 201)
    return time.perf_counter() - started


def storm(server):
    """Fifty publishers of one package at once, eight versions each: how many were accepted, kept, and in what time."""
    bodies = [publication('storm', f'{who}.0.{patch}', 400) for who in range(50) for patch in range(8)]
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        accepted = sum(status in (200, 201) for status in pool.map(lambda body: server.put('/storm', body), bodies))
    took = time.perf_counter() - started
    kept = len(json.loads(server.get('/storm')[1])['versions'])
    return len(bodies), accepted, kept, took


def measure(server, seconds):
    """Rows of the table, by name."""
    rows = {}
    rows[f'publishing {LARGE_VERSIONS} versions of one package, s'] = f'{fill(server):.1f}'
    rows['its packument, abbreviated, MB'] = f"{len(server.get('/large', ABBREVIATED)[1]) / 1e6:.1f}"
    gzip_header = 'accept-encoding: gzip'
    abbreviated = 'accept: ' + ABBREVIATED
    etag = server.get('/small', ABBREVIATED)[0].get('etag')
    for label, path, connections, headers in (
            ('small packument, abbreviated', '/small', 64, (abbreviated, gzip_header)),
            ('small packument, full', '/small', 64, (gzip_header,)),
            ('the same, not modified', '/small', 64, (abbreviated, f'if-none-match: {etag}')),
            ('tarball of 100 KB', '/tarball/-/tarball-1.0.0.tgz', 64, ()),
            ('packument of 400 versions, abbreviated, 20 at once', '/large', 20, (abbreviated, gzip_header)),
            ('packument of 400 versions, full, 20 at once', '/large', 20, (gzip_header,)),
            ('search', '/-/v1/search?text=small', 64, ())):
        wrk(server, path, 1, connections, headers)
        server.rest()
        rate, median, tail = wrk(server, path, seconds, connections, headers)
        # where nothing was answered there are no percentiles
        times = '' if median != median else f', {median:.2f} ms, {tail:.2f} ms'
        rows[label] = f'{rate:,.0f} /s{times}' if rate else f'none in {seconds} s'
        server.rest()
        print(server.name, label, rows[label], flush=True)
    asked, accepted, kept, took = storm(server)
    rows['50 publishers of one package, 400 versions'] = f'{accepted} accepted, {kept} kept, {took:.1f} s'
    rows['memory afterwards, MB'] = f'{server.memory():.0f}'
    assert asked == 400
    return rows


def rewrite(table, lines):
    """Puts a table into BENCHMARKS.md; `lines` makes its lines out of those that stand there."""
    path = os.path.join(ROOT, 'BENCHMARKS.md')
    text = open(path).read()
    begin, end = f'<!-- {table}: begin -->\n', f'<!-- {table}: end -->'
    before, rest = text.split(begin)
    old, after = rest.split(end)
    open(path, 'w').write(before + begin + '\n'.join(lines(old.splitlines())) + '\n' + end + after)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('knit')
    arguments.add_argument('--seconds', type=int, default=5)
    arguments.add_argument('--write', action='store_true')
    given = arguments.parse_args()
    if not shutil.which('wrk'):
        raise SystemExit('wrk is missing: apt-get install wrk')
    results = []
    knit = os.path.abspath(given.knit)
    for start in (lambda folder: start_knit(knit, folder), start_verdaccio):
        with tempfile.TemporaryDirectory() as folder:
            server = start(folder)
            try:
                results.append((server.name, measure(server, given.seconds)))
            finally:
                server.stop()
    lines = ['| | ' + ' | '.join(name for name, _ in results) + ' |', '|---|' + '---:|' * len(results)]
    for label in results[0][1]:
        lines.append(f'| {label} | ' + ' | '.join(rows.get(label, '') for _, rows in results) + ' |')
    print('\n'.join(lines))
    if given.write:
        rewrite('registry', lambda _: lines)


if __name__ == '__main__':
    main()
