#!/usr/bin/env python3
"""`knit install` from `knit registry serve`, with many packages in one answer and with one request for each.

    bundles.py KNIT [--projects express vite-react] [--repetitions 5] [--write]

The registry proxies the one that npm is configured for, and has kept all that the projects of benchmarks/projects need
before anything is measured. Between it and the client stands a relay that holds back every byte for half the latency in
either direction. Each installation starts with nothing: no lockfile, no node_modules, no cache. With --write the table goes
into BENCHMARKS.md.
"""
import argparse
import asyncio
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

from compare import ROOT, Server, free_port, rewrite

PROJECTS = os.path.join(ROOT, 'benchmarks', 'projects')
LATENCIES = (0, 20, 80)


class Relay:
    """What passes bytes on to a port after half of `latency` milliseconds, and a connection after the whole."""

    def __init__(self, target, latency):
        self.target, self.delay = target, latency / 2000
        self.port = free_port()
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=[ready], daemon=True).start()
        ready.wait()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.accept, '127.0.0.1', self.port))
        ready.set()
        self.loop.run_forever()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def accept(self, reader, writer):
        await asyncio.sleep(2 * self.delay)
        there, back = await asyncio.open_connection('127.0.0.1', self.target)
        await asyncio.gather(self.pass_on(reader, back), self.pass_on(there, writer))

    async def pass_on(self, reader, writer):
        waiting = asyncio.Queue(64)
        sending = asyncio.ensure_future(self.send(waiting, writer))
        try:
            while data := await reader.read(1 << 18):
                await waiting.put((time.monotonic() + self.delay, data))
        except OSError:
            pass
        await waiting.put((time.monotonic() + self.delay, None))
        await sending

    async def send(self, waiting, writer):
        is_open = True
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(max(0, due - time.monotonic()))
            if data is None:
                return writer.close()
            try:
                if is_open:
                    writer.write(data)
                    await writer.drain()
            except OSError:
                is_open = False


def start(knit, folder):
    upstream = subprocess.check_output(['npm', 'config', 'get', 'registry'], text=True, stderr=subprocess.DEVNULL).strip()
    with open(os.path.join(folder, 'registry.toml'), 'w') as out:
        out.write(f'[[upstream]]\nname = "public"\nurl = "{upstream}"\nmax_age = "1h"\n'
                  '[names]\nrules = [{ names = "*", from = "public" }]\n')
    port = free_port()
    command = [knit, 'registry', 'serve', '--data', folder, '--listen', f'127.0.0.1:{port}']
    return Server('knit', command, {}, None).wait(f'http://127.0.0.1:{port}'), port


def install(knit, project, port, together):
    """Seconds that an installation from nothing takes."""
    folder = tempfile.mkdtemp()
    try:
        shutil.copy(os.path.join(PROJECTS, project, 'package.json'), folder)
        environment = {'PATH': os.environ['PATH'], 'HOME': folder,
                       'npm_config_registry': f'http://127.0.0.1:{port}/', 'npm_config_cache': os.path.join(folder, '.cache'),
                       'npm_config_server_resolution': 'true' if together else 'false', 'npm_config_audit': 'false'}
        started = time.perf_counter()
        subprocess.run([knit, 'install'], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return time.perf_counter() - started
    finally:
        shutil.rmtree(folder)


def requests(server):
    text = urllib.request.urlopen(server.url + '/-/metrics').read().decode()
    return sum(int(count) for count in re.findall(r'^\w*requests_total\{route="(?!service)[^}]*\} (\d+)$', text, re.M))


def measure(knit, server, port, projects, repetitions):
    rows = []
    for project in projects:
        install(knit, project, port, True)
        counts = {}
        for together in (False, True):
            before = requests(server)
            install(knit, project, port, together)
            counts[together] = requests(server) - before
        cells = [f'{counts[False]}, {counts[True]}']
        for latency in LATENCIES:
            relay = Relay(port, latency)
            times = {False: [], True: []}
            for _ in range(repetitions):
                for together, of in times.items():
                    of.append(install(knit, project, relay.port, together))
            relay.stop()
            single, bundled = statistics.median(times[False]), statistics.median(times[True])
            cells.append(f'{single:.2f} s, {bundled:.2f} s, {bundled / single:.2f}×')
        rows.append([project] + cells)
        print(' | '.join(rows[-1]), flush=True)
    return rows


def write_table(rows):
    lines = ['| | requests | ' + ' | '.join(f'{latency} ms' for latency in LATENCIES) + ' |',
             '|---|---:|' + '---:|' * len(LATENCIES)]
    lines += ['| ' + ' | '.join(row) + ' |' for row in rows]
    rewrite('registry-bundles', lambda _: lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('knit')
    arguments.add_argument('--projects', nargs='+', default=['express', 'vite-react'])
    arguments.add_argument('--repetitions', type=int, default=5)
    arguments.add_argument('--write', action='store_true')
    given = arguments.parse_args()
    knit = os.path.abspath(given.knit)
    folder = tempfile.mkdtemp()
    server, port = start(knit, folder)
    try:
        rows = measure(knit, server, port, given.projects, given.repetitions)
    finally:
        server.stop()
        shutil.rmtree(folder)
    if given.write:
        write_table(rows)


if __name__ == '__main__':
    main()
