#!/usr/bin/env python3
"""Drives real clients against `knit registry serve` and says what works.

    matrix.py KNIT [--check | --write] [--client NAME]... [--step WORDS]... [--jobs 2]

Each client comes from the registry that npm is configured to use, once, into target/conformance/; then each has a registry
of its own on loopback, a home of its own, and nothing else that it could reach. A step is done when the registry's state is
what it should be, asked for behind the client's back. --write puts the table into COMPATIBILITY.md, --check fails where
something that the table there says works does not. target/conformance/CLIENT/log has every command with what was asked.
"""
import argparse
import concurrent.futures
import os
import shutil
import signal
import sys
import time
import traceback

import clients
import table
import terminal
from steps import PUBLIC, STEPS, installing
from trial import Failed, Missing, Trial
from upstream import Upstream

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
OUT = os.path.join(ROOT, 'target', 'conformance')
PAGE = os.path.join(ROOT, 'COMPATIBILITY.md')


def drive(client, command, knit, upstreams, steps):
    """The client's column: for each step its outcome and why."""
    started = time.monotonic()
    folder = os.path.join(OUT, client.name.replace(' ', '-'))
    trial = Trial(client, *command, knit, upstreams, folder)
    column = {}
    try:
        trial.registry.require_one_time_passwords(trial.otto, 'auth-and-writes')
        for title, step in steps:
            trial.note(f'\n=== {title}')
            try:
                step(trial)
                column[title] = ('yes', '')
            except Missing:
                column[title] = ('—', '')
            except Failed as failure:
                column[title] = ('no', str(failure))
            except Exception:  # noqa: BLE001 what a client left is not what was expected: told, and the others go on
                column[title] = ('no', traceback.format_exc(limit=-2).replace('\n', ' | '))
            trial.note(f'=== {title}: {" ".join(column[title])}')
    finally:
        trial.close()
    print(f'{client.name} {client.version}: {sum(told == "yes" for told, _ in column.values())} of '
          f'{sum(told != "—" for told, _ in column.values())} in {time.monotonic() - started:.0f} s', flush=True)
    return column


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('knit')
    arguments.add_argument('--check', action='store_true')
    arguments.add_argument('--write', action='store_true')
    arguments.add_argument('--client', action='append')
    arguments.add_argument('--step', action='append')
    arguments.add_argument('--jobs', type=int, default=os.cpu_count())
    given = arguments.parse_args()
    if given.write and (given.client or given.step):
        raise SystemExit('only the whole table is written')
    chosen = [one for one in clients.CLIENTS if not given.client or one.name in given.client]
    steps = [step for step in STEPS if not given.step or any(words in step[0] for words in given.step)]
    knit = os.path.abspath(given.knit)
    if not chosen or not steps or not os.access(knit, os.X_OK):
        raise SystemExit('there is no such client, step, or executable')
    if not shutil.which('node') or not shutil.which('npm'):
        raise SystemExit('node and npm are missing')
    try:
        commands = [clients.command(client, os.path.join(OUT, 'clients'), knit) for client in chosen]
    except clients.Cannot as missing:
        print(f'The conformance matrix was left out, since a client is not to be had here: {missing}', file=sys.stderr)
        raise SystemExit(75)
    for asked_to_end in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(asked_to_end, terminal.end_all)
    upstream = Upstream()
    upstreams = {'elsewhere': (upstream.url, upstream.NAMES)}
    public = PUBLIC in steps and clients.public_registry(next(iter(installing.PUBLIC)))
    if public:
        upstreams['public'] = (public, tuple(installing.PUBLIC))
    elif PUBLIC in steps:
        print(f'left out, since the public registry is not reached: {PUBLIC[0]}', file=sys.stderr)
        steps.remove(PUBLIC)
    try:
        with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
            columns = list(pool.map(lambda client, command: drive(client, command, knit, upstreams, steps), chosen, commands))
    finally:
        upstream.stop()
    for client, column in zip(chosen, columns):
        for title, (told, why) in column.items():
            if told == 'no':
                print(f'{client.name}: {title}: {why}')
    if given.write and public is None:
        raise SystemExit('nothing is written: a step was left out')
    if given.write:
        table.write(PAGE, chosen, [title for title, _ in steps], columns)
    if given.check:
        lost = table.lost(PAGE, chosen, columns)
        for one in lost:
            print(f'does not work any more: {one}')
        raise SystemExit(1 if lost else 0)


if __name__ == '__main__':
    main()
