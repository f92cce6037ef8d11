"""Which clients are driven, and bringing them here: packages of the registry that npm is configured to use."""
import dataclasses
import json
import os
import shutil
import subprocess

from families.bun import Bun
from families.knit import Knit
from families.npm import Npm
from families.pnpm import Pnpm
from families.yarn1 import Yarn1
from families.yarn4 import Yarn4

# npm 6 to 8 end well on newer ones whatever happened: `process.exit(undefined)` means something else there
OLDER_NODE = '16.20.2'
# npm 12 asks for it; the others run with the one that is installed
NEWER_NODE = '26.10.0'


@dataclasses.dataclass(frozen=True)
class Client:
    """`start` is the file of the package that is run, with node unless `node` is None."""
    name: str
    package: str
    version: str
    start: str
    family: object
    node: 'str | None' = 'node'


def npm(version, node='node'):
    major = int(version.split('.')[0])
    return Client(f'npm {major}', 'npm', version, 'bin/npm-cli.js', Npm(major), node)


CLIENTS = (
    npm('6.14.18', OLDER_NODE), npm('7.24.2', OLDER_NODE), npm('8.19.4', OLDER_NODE), npm('9.9.4'), npm('10.9.9'), npm('11.21.2'), npm('12.2.0', NEWER_NODE),
    Client('pnpm 12', 'pnpm', '12.21.0', 'pnpm', Pnpm(), None),
    Client('Yarn 1', 'yarn', '1.22.22', 'bin/yarn.js', Yarn1()),
    Client('Yarn 4', '@yarnpkg/cli-dist', '4.18.1', 'bin/yarn.js', Yarn4()),
    Client('Bun', 'bun', '1.4.5', 'bin/bun.exe', Bun(), None),
    Client('knit', '', '', '', Knit(), None),
)


class Cannot(Exception):
    """A client is not here and cannot be brought."""


def public_registry(name):
    """The address of the registry that npm is configured to use; none where it cannot tell of a package."""
    def npm_says(*command):
        return subprocess.run(['npm', *command], cwd='/', stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if npm_says('view', name, 'name', '--fetch-retries=0').returncode:
        return None
    return npm_says('config', 'get', 'registry').stdout.split()[-1]


def bring(folder, package, version):
    """Where a version of a package lies, installed unless it was before."""
    home = os.path.join(folder, f'{package.replace("/", "+")}-{version}')
    if not os.path.exists(os.path.join(home, 'whole')):
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        with open(os.path.join(home, 'package.json'), 'w') as out:
            json.dump({'private': True, 'dependencies': {package: version}}, out)
        # some are programs that a script of theirs puts in place
        command = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--ignore-scripts=false']
        done = subprocess.run(command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise Cannot(f'{package}@{version} cannot be installed:\n{done.stderr.strip()}')
        with open(os.path.join(home, 'whole'), 'w'):
            pass
    return os.path.join(home, 'node_modules', package)


def command(client, folder, knit):
    """The beginning of a client's command line, and the folder of its node."""
    system = os.path.dirname(os.path.realpath(shutil.which('node')))
    if not client.package:
        return [knit], system
    node = system if client.node in ('node', None) else os.path.join(bring(folder, 'node', client.node), 'bin')
    start = os.path.join(bring(folder, client.package, client.version), client.start)
    return ([start] if client.node is None else [os.path.join(node, 'node'), start]), node
