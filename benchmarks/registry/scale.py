#!/usr/bin/env python3
"""`knit registry serve` over 100,000 packages with 2,000,000 versions: how it starts, answers, searches and publishes.

    scale.py KNIT [--packages 100000] [--versions 2000000] [--postgres URL] [--folder DIR] [--write]

The rows are written straight into the tables that KNIT makes, as publishing writes them, since two million publications
would take a day. They are made up, the same in every run; all versions share one tarball. SQLite without --postgres, whose
URL names a database that is thrown away. Needs three gigabytes of disk; removes them. With --write the table goes into
BENCHMARKS.md.
"""
import argparse
import base64
import concurrent.futures
import hashlib
import io
import itertools
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time

from compare import ABBREVIATED, Server, free_port, publication, rewrite, tarball, wrk

# One package in so many is an old and busy one, with this many versions
BUSY, BUSY_VERSIONS = 2000, 5000
DAY = 86_400_000
COLUMNS = {
    'packages': 'name revision created modified access readme readme_filename',
    'versions': 'package version ordinal published publisher manifest file digest size',
    'dist_tags': 'package tag version',
    'maintainers': 'package username email',
}


class Packages:
    """Rows of made-up packages, drawn from a seed."""

    def __init__(self, packages, versions, newest):
        self.random = random.Random(20)
        self.newest = newest
        syllables = [a + b for a in 'bcdfglmnprstv' for b in ('a', 'e', 'i', 'o', 'u', 'an', 'er', 'is')]
        self.words = [''.join(self.random.choices(syllables, k=self.random.choice((2, 2, 3)))) for _ in range(6000)]
        self.names = list(itertools.islice(self.all_names(), packages))
        self.counts = self.version_counts(packages, versions)
        self.tarball = tarball({'name': 'load', 'version': '1.0.0'}, 1000)
        sha512 = hashlib.sha512(self.tarball).digest()
        self.digest = sha512.hex()
        self.integrity = 'sha512-' + base64.b64encode(sha512).decode()
        self.shasum = hashlib.sha1(self.tarball).hexdigest()

    def word(self):
        # some words are in many names and descriptions, most in few
        return self.words[int(len(self.words) * self.random.random() ** 3)]

    def all_names(self):
        seen = set()
        while True:
            name = '-'.join(self.word() for _ in range(self.random.choice((1, 2, 2, 3))))
            if self.random.random() < 0.4:
                name = f'@{self.word()}/{name}'
            if name not in seen:
                seen.add(name)
                yield name

    def version_counts(self, packages, versions):
        busy = packages // BUSY
        share = (versions - busy * BUSY_VERSIONS) / (packages - busy)
        drawn = [1 + int(self.random.expovariate(1 / (share - 1))) for _ in range(packages - busy)]
        drawn[0] += max(0, versions - busy * BUSY_VERSIONS - sum(drawn))
        counts = drawn + [BUSY_VERSIONS] * busy
        self.random.shuffle(counts)
        return counts

    def tables(self):
        """For each package its rows by table."""
        for place, (name, count) in enumerate(zip(self.names, self.counts)):
            yield self.rows(place, name, count)

    def rows(self, place, name, count):
        owner = f'person-{int(5000 * self.random.random() ** 2)}'
        span = self.random.randrange(1, 3000)
        newest = self.newest - self.random.randrange(0, 2000) * DAY
        created = newest - span * DAY
        description = ' '.join(self.word() for _ in range(12))
        keywords = [self.word() for _ in range(4)]
        dependencies = {self.names[int(place * self.random.random() ** 2)]: '^1.0.0'
                        for _ in range(self.random.choice((0, 1, 3, 6, 12)) if place else 0)}
        bare = name.split('/')[-1]
        versions = []
        for ordinal in range(1, count + 1):
            version = f'1.{ordinal // 10}.{ordinal % 10}'
            manifest = {
                'name': name, 'version': version, 'description': description, 'main': 'index.js', 'license': 'MIT',
                'keywords': keywords, 'author': {'name': owner}, 'dependencies': dependencies,
                'scripts': {'test': 'node test.js', 'build': 'node build.js'},
                'repository': {'type': 'git', 'url': f'git+https://git.example/{name}.git'},
                'homepage': f'https://{bare}.example/', 'bugs': {'url': f'https://git.example/{name}/issues'},
                '_id': f'{name}@{version}', '_nodeVersion': '24.1.0', '_npmVersion': '11.19.1',
                'dist': {'integrity': self.integrity, 'shasum': self.shasum,
                         'tarball': f'{name}/-/{bare}-{version}.tgz', 'fileCount': 2, 'unpackedSize': 1043,
                         'signatures': [{'keyid': 'SHA256:' + 'k' * 43, 'sig': 's' * 96}]}}
            published = created + (newest - created) * ordinal // count
            versions.append((name, version, ordinal, published, owner, json.dumps(manifest, separators=(',', ':')),
                             f'{bare}-{version}.tgz', self.digest, len(self.tarball)))
        readme = f'# {name}\n\n' + ' '.join(self.word() for _ in range(150))
        return {'packages': [(name, count, created, newest, 'public', readme, 'README.md')], 'versions': versions,
                'dist_tags': [(name, 'latest', versions[-1][1])], 'maintainers': [(name, owner, owner + '@people.example')]}

    def keep_blob(self, folder):
        directory = os.path.join(folder, 'sha512', self.digest[:2], self.digest[2:4])
        os.makedirs(directory)
        with open(os.path.join(directory, self.digest), 'wb') as out:
            out.write(self.tarball)


def fill_sqlite(path, packages):
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ('journal_mode = OFF', 'synchronous = OFF', 'cache_size = -500000'):
        database.execute('PRAGMA ' + pragma)
    database.execute('BEGIN')
    for rows in packages.tables():
        for table, columns in COLUMNS.items():
            columns = columns.split()
            places = ', '.join('?' * len(columns))
            database.executemany(f'INSERT INTO {table} ({", ".join(columns)}) VALUES ({places})', rows[table])
    database.execute('COMMIT')
    database.close()


def fill_postgres(url, packages):
    # COPY's text format
    def text(value):
        return str(value).replace('\\', '\\\\').replace('\t', '\\t').replace('\n', '\\n')
    command = ['psql', url, '-q', '-v', 'ON_ERROR_STOP=1']
    every = packages.tables()
    while some := list(itertools.islice(every, 2000)):
        out = io.StringIO()
        for table, columns in COLUMNS.items():
            out.write(f'COPY {table} ({", ".join(columns.split())}) FROM stdin;\n')
            for rows in some:
                for row in rows[table]:
                    out.write('\t'.join(map(text, row)) + '\n')
            out.write('\\.\n')
        subprocess.run(command, input=out.getvalue(), text=True, check=True)
    subprocess.run(command + ['-c', 'VACUUM ANALYZE'], check=True)


def is_filled(folder):
    """Whether the data set is there: the blob comes last."""
    return os.path.exists(os.path.join(folder, 'blobs', 'sha512'))


class Knit:
    """The registry in a folder."""

    def __init__(self, knit, folder, postgres):
        self.knit, self.folder, self.postgres = os.path.abspath(knit), folder, postgres
        with open(os.path.join(folder, 'registry.toml'), 'w') as out:
            out.write('[limits]\npublishes_per_minute = 1000000\n')
            out.write(f'[storage]\ndatabase = "{postgres}"\n' if postgres else '')
        quiet = {'stderr': subprocess.DEVNULL, 'text': True}
        if not is_filled(folder):
            subprocess.check_output([self.knit, 'registry', 'user', 'load', '--data', folder], **quiet)
        made = subprocess.check_output([self.knit, 'registry', 'token', 'load', '--data', folder], **quiet)
        self.token = made.split()[-1]

    def database_size(self):
        """Megabytes on disk."""
        if self.postgres:
            ask = 'SELECT pg_database_size(current_database())'
            return int(subprocess.check_output(['psql', self.postgres, '-Atc', ask], text=True)) / 1e6
        return os.path.getsize(os.path.join(self.folder, 'registry.db')) / 1e6

    def start(self):
        """A running one, and after how many seconds it answered."""
        port = free_port()
        command = [self.knit, 'registry', 'serve', '--data', self.folder, '--listen', f'127.0.0.1:{port}']
        started = time.perf_counter()
        server = Server('knit', command, {}, self.token).wait(f'http://127.0.0.1:{port}')
        return server, time.perf_counter() - started


def took(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def spread(times):
    """Median and the worst of milliseconds, as a table has them."""
    return f'{statistics.median(times):.1f} ms, {max(times):.1f} ms'


def by_many(server, paths, accept):
    """Requests a second of 64 connections that ask for one path after the other, as a table has them."""
    with tempfile.NamedTemporaryFile('w', suffix='.lua') as script:
        script.write('local paths = {' + ','.join(json.dumps(path) for path in paths) + '}\nlocal next = 0\n'
                     'request = function()\n  next = next % #paths + 1\n  return wrk.format("GET", paths[next])\nend\n')
        script.flush()
        rate, median, worst = wrk(server, '/', 5, 64, [f'accept: {accept}'], script.name)
    return f'{rate:,.0f} /s, {median:.1f} ms, {worst:.1f} ms'


def publications_by_many(publish, numbers):
    """Publications a second of 16 publishers, each of packages of their own."""
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(status == 201 for status in pool.map(publish, numbers))
    return f'{len(numbers) / (time.perf_counter() - started):,.0f} /s'


def measure(knit, packages):
    rows = {'database on disk': f'{knit.database_size():,.0f} MB'}
    server, seconds = knit.start()
    try:
        rows['start until it answers'] = f'{seconds * 1000:.0f} ms'
        rows['memory after the start'] = f'{server.memory():.0f} MB'
        pick = random.Random(1)
        some = pick.sample([name for name, count in zip(packages.names, packages.counts) if count < 200], 500)
        path = lambda name: '/' + name.replace('/', '%2f')
        rows['packument, first time (median, worst of 500)'] = spread(
            [took(lambda: server.get(path(name), ABBREVIATED)) for name in some])
        rows['packument, again'] = spread([took(lambda: server.get(path(name), ABBREVIATED)) for name in some])
        busy = [name for name, count in zip(packages.names, packages.counts) if count == BUSY_VERSIONS][:20]
        if busy:
            rows[f'packument of {BUSY_VERSIONS:,} versions, first time'] = spread(
                [took(lambda: server.get(path(name), ABBREVIATED)) for name in busy])
        # a data set that is kept has those of earlier runs
        new = f'new-{int(time.time())}'
        publish = lambda number: server.put(f'/{new}-{number}', publication(f'{new}-{number}', '1.0.0'))
        assert publish(0) == 201
        rows['publication before the first search (median, worst of 100)'] = spread(
            [took(lambda: publish(number)) for number in range(1, 101)])
        first = took(lambda: server.get(f'/-/v1/search?text={new}-1'))
        rows['first search, right after the start'] = f'{first:,.0f} ms'
        rows['memory after the first search'] = f'{server.memory():.0f} MB'
        words = [packages.word() for _ in range(200)]
        search = lambda word: server.get(f'/-/v1/search?text={word}')
        rows['search for a word (median, worst of 200)'] = spread([took(lambda: search(word)) for word in words])
        rows['search for two words'] = spread([took(lambda: search(f'{word}+{words[0]}')) for word in words])
        times = []
        for number in range(200, 220):
            assert publish(number) == 201
            times.append(took(lambda: search(f'{new}-{number}')))
            assert f'"{new}-{number}"' in server.get(f'/-/v1/search?text={new}-{number}')[1].decode()
        rows['search right after a publication (median, worst of 20)'] = spread(times)
        page = lambda name: server.get('/-/web/package/' + name)
        rows['page of a package (median, worst of 200)'] = spread([took(lambda: page(name)) for name in some[:200]])
        rows['home page'] = spread([took(lambda: server.get('/')) for _ in range(20)])
        small = [path(name) for name, count in zip(packages.names, packages.counts) if count < 200]
        pick.shuffle(small)
        rows['packuments of all packages in turn, 64 connections (rate, median, 99th percentile)'] = by_many(
            server, small, ABBREVIATED)
        rows['packuments of 1,000 packages in turn'] = by_many(server, small[:1000], ABBREVIATED)
        rows['searches for words'] = by_many(server, [f'/-/v1/search?text={word}' for word in words], '*/*')
        rows['16 publishers'] = publications_by_many(publish, range(1000, 1400))
        rows['memory at the end'] = f'{server.memory():.0f} MB'
        return rows
    finally:
        server.stop()


def with_column(rows, storage, old):
    """The lines of the table with the column of one way of keeping, beside what stands there of the others."""
    columns = {}
    cells = [[cell.strip() for cell in line.strip('| \n').split('|')] for line in old if '---' not in line]
    header = [name for name in (cells[0] if cells else []) if name]
    for row in cells[1:]:
        for name, cell in zip(header, row[1:]):
            columns.setdefault(name, {})[row[0]] = cell
    columns[storage] = rows
    lines = ['| | ' + ' | '.join(columns) + ' |', '|---|' + '---:|' * len(columns)]
    for label in rows:
        lines.append(f'| {label} | ' + ' | '.join(column.get(label, '') for column in columns.values()) + ' |')
    return lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('knit')
    arguments.add_argument('--packages', type=int, default=100_000)
    arguments.add_argument('--versions', type=int, default=2_000_000)
    arguments.add_argument('--postgres')
    arguments.add_argument('--folder', help='keeps the data set there, and uses the one that is there')
    arguments.add_argument('--write', action='store_true')
    given = arguments.parse_args()
    folder = given.folder or tempfile.mkdtemp()
    try:
        # a day that never moves, so that the rows are the same in every run
        packages = Packages(given.packages, given.versions, 20_400 * DAY)
        if not is_filled(folder):
            os.makedirs(folder, exist_ok=True)
            knit = Knit(given.knit, folder, given.postgres)
            seconds = took(lambda: fill_postgres(given.postgres, packages) if given.postgres
                           else fill_sqlite(os.path.join(folder, 'registry.db'), packages)) / 1000
            packages.keep_blob(os.path.join(folder, 'blobs'))
            print(f'{len(packages.names):,} packages, {sum(packages.counts):,} versions in {seconds:.0f} s', flush=True)
        else:
            knit = Knit(given.knit, folder, given.postgres)
        rows = measure(knit, packages)
        for label, value in rows.items():
            print(f'{label}: {value}')
        if given.write:
            storage = 'PostgreSQL' if given.postgres else 'SQLite'
            rewrite('registry-scale', lambda old: with_column(rows, storage, old))
    finally:
        if not given.folder:
            shutil.rmtree(folder)


if __name__ == '__main__':
    main()
