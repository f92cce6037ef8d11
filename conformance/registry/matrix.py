#!/usr/bin/env python3
"""Drives real clients against `knit registry serve` and says what works.

    matrix.py KNIT [--check | --write] [--newest | --client NAME...] [--step WORDS]... [--jobs 2]

Each client comes from the registry that npm is configured to use, once, into target/conformance/; then each has a registry
of its own on loopback, a home of its own, and nothing else that it could reach. A step is done when the registry's state is
what it should be, asked for behind the client's back. --write puts the columns into the table of COMPATIBILITY.md, --check
fails where something that the table there says works does not. target/conformance/CLIENT/log has every command with what was
asked.
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
from issuer import Issuer
from steps import PUBLIC, STEPS, installing
from trial import Failed, Missing, Trial
from upstream import Upstream

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
OUT = os.path.join(ROOT, 'target', 'conformance')
PAGE = os.path.join(ROOT, 'COMPATIBILITY.md')


def drive(client, command, knit, upstreams, issuer, steps):
    """The client's column: for each step its outcome and why."""
    started = time.monotonic()
    folder = os.path.join(OUT, client.name.replace(' ', '-'))
    trial = Trial(client, *command, knit, upstreams, issuer, folder)
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


class Matrix:
    """Clients that are here, the steps that can be taken, and where they are taken."""

    def __init__(self, knit, chosen, steps, jobs):
        self.knit, self.jobs, self.steps = knit, jobs, steps
        self.commands = {client: clients.command(client, os.path.join(OUT, 'clients'), knit) for client in chosen}
        self.upstream, self.issuer = Upstream(), Issuer()
        self.upstreams = {'elsewhere': (self.upstream.url, self.upstream.NAMES)}
        self.left_out = []
        if PUBLIC in steps:
            names = tuple(installing.PUBLIC)
            address = clients.public_registry(names[0])
            if address:
                self.upstreams['public'] = (address, names)
            else:
                self.left_out.append(PUBLIC)
                self.steps = [step for step in steps if step != PUBLIC]
                print(f'left out, since the public registry is not reached: {PUBLIC[0]}', file=sys.stderr)

    def columns(self, chosen):
        """Each client's column."""
        def column(client):
            return drive(client, self.commands[client], self.knit, self.upstreams, self.issuer, self.steps)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            columns = dict(zip(chosen, pool.map(column, chosen)))
        for client, column in columns.items():
            for title, (told, why) in column.items():
                if told == 'no':
                    print(f'{client.name}: {title}: {why}')
        return columns

    def check(self, columns):
        """Whether all that the page says works does. On a busy machine a client may have been given up on: once more."""
        lost = table.lost(PAGE, columns)
        if lost:
            again = [client for client in columns if client.name in {one.client for one in lost}]
            print(f'once more: {", ".join(client.name for client in again)}')
            lost = [one for one in table.lost(PAGE, self.columns(again)) if one in lost]
        for one in lost:
            print(f'does not work any more: {one.client}: {one.step}')
        return not lost


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('knit')
    arguments.add_argument('--check', action='store_true')
    arguments.add_argument('--write', action='store_true')
    arguments.add_argument('--newest', action='store_true', help='one of each client, not all of npm')
    arguments.add_argument('--client', action='append')
    arguments.add_argument('--step', action='append')
    arguments.add_argument('--jobs', type=int, default=os.cpu_count())
    given = arguments.parse_args()
    if given.write and given.step:
        raise SystemExit('only whole columns are written')
    among = {one.package: one for one in clients.CLIENTS}.values() if given.newest else clients.CLIENTS
    chosen = [one for one in among if not given.client or one.name in given.client]
    steps = [step for step in STEPS if not given.step or any(words in step[0] for words in given.step)]
    knit = os.path.abspath(given.knit)
    if not chosen or not steps or not os.access(knit, os.X_OK):
        raise SystemExit('there is no such client, step, or executable')
    if not shutil.which('node') or not shutil.which('npm'):
        raise SystemExit('node and npm are missing')
    for asked_to_end in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(asked_to_end, terminal.end_all)
    try:
        matrix = Matrix(knit, chosen, steps, given.jobs)
    except clients.Cannot as missing:
        print(f'The conformance matrix was left out, since a client is not to be had here: {missing}', file=sys.stderr)
        raise SystemExit(75)
    try:
        columns = matrix.columns(chosen)
        if given.write:
            if matrix.left_out:
                raise SystemExit('nothing is written, since a step was left out')
            table.write(PAGE, clients.CLIENTS, [title for title, _ in steps], columns)
        if given.check and not matrix.check(columns):
            raise SystemExit(1)
    finally:
        matrix.upstream.stop()
        matrix.issuer.stop()


if __name__ == '__main__':
    main()
