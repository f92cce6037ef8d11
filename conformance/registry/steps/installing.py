"""What projects get."""
import json
import os
import shutil

import packages
from trial import check

# small and old, without dependencies
PUBLIC = {'ms': '2.1.3', '@types/ms': '2.1.0'}
STAPLE = {'staple': '^1.0.0', '@acme/clip': '^1.0.0'}


def seeded(trial):
    """The packages of these steps, and a client with no cache and no login."""
    if trial.registry.packument('staple') is None:
        trial.seed(packages.manifest('staple', '1.0.0'), packages.manifest('staple', '1.1.0', dependencies={'wire': '1.x'}),
                   packages.manifest('wire', '1.0.0'), packages.manifest('@acme/clip', '1.0.0'))
    trial.fresh_home()
    trial.be(None)


def staple(trial, project):
    """What a project with those dependencies must have got, in node_modules and in its lockfile."""
    for name, version, of in (('staple', '1.1.0', None), ('wire', '1.0.0', 'staple'), ('@acme/clip', '1.0.0', None)):
        trial.installed(project, name, version, of)
        locked(trial, project, name, version)


def locked(trial, project, name, version):
    with open(os.path.join(project, trial.family.lockfile)) as file:
        found = trial.family.locked(file.read())
    check(name in found, f'{name} is not in the lockfile')
    integrity, address = found[name]
    dist = trial.registry.packument(name)['versions'][version]['dist']
    if integrity is not None:
        told = [dist['integrity'], 'sha1-' + packages.base64.b64encode(bytes.fromhex(dist['shasum'])).decode()]
        check(integrity in told, f'the lockfile has another integrity for {name}')
    if address is not None:
        usual = f'{trial.relay.url}{name}/-/{name.split("/")[-1]}-{version}.tgz'
        check(address == usual, f'the lockfile has {name} at {address}')


def install(trial):
    seeded(trial)
    project = trial.project(STAPLE)
    trial.do('install', cwd=project)
    staple(trial, project)
    trial.first_install = (project, trial.homes)


def install_again(trial):
    """In another project, with the caches of the first: packuments are asked for with their tags, if at all."""
    if trial.first_install is None or trial.first_install[1] != trial.homes:
        install(trial)
    project = trial.project(STAPLE)
    trial.do('install_again', cwd=project)
    staple(trial, project)
    asked = [one for one in trial.relay.exchanges if one.method == 'GET']
    sent = [one for one in asked if one.status == 200]
    check(not sent, f'{len(sent)} of {len(asked)} documents were sent again: {", ".join(map(str, sent))}')


def install_locked(trial):
    """With the manifest and the lockfile of the first, and no cache."""
    if trial.first_install is None:
        install(trial)
    project = trial.empty()
    for file in ('package.json', trial.family.lockfile):
        shutil.copy(os.path.join(trial.first_install[0], file), project)
    seeded(trial)
    trial.do('install_locked', cwd=project)
    staple(trial, project)
    with open(os.path.join(trial.first_install[0], trial.family.lockfile)) as before:
        with open(os.path.join(project, trial.family.lockfile)) as file:
            check(file.read() == before.read(), 'the lockfile was changed')


def install_restricted(trial):
    seeded(trial)
    if trial.registry.packument('@acme/secret') is None:
        trial.seed(packages.manifest('@acme/secret', '1.0.0'), access='restricted')
    dependencies = {'@acme/secret': '1.0.0'}
    check(trial.attempt('install', cwd=trial.project(dependencies)).code not in (0, None), 'nobody may install it')
    trial.fresh_home()
    trial.be(trial.ann)
    project = trial.project(dependencies)
    trial.do('install', cwd=project)
    trial.installed(project, '@acme/secret', '1.0.0')
    locked(trial, project, '@acme/secret', '1.0.0')


def install_damaged(trial):
    seeded(trial)
    project = trial.project({'wire': '1.0.0'})
    trial.relay.damages = True
    try:
        said = trial.attempt('install', cwd=project)
    finally:
        trial.relay.damages = False
    check(any(one.is_tarball for one in trial.relay.exchanges), 'the tarball was not asked for')
    check(said.code not in (0, None), 'it ended well')
    check(not os.path.exists(os.path.join(project, 'node_modules', 'wire', 'index.js')), 'it was unpacked')


def install_public(trial):
    """What only the public registry has: the registry under test fetches it from there."""
    seeded(trial)
    project = trial.project({name: f'^{version}' for name, version in PUBLIC.items()})
    trial.do('install', cwd=project)
    for name in PUBLIC:
        with open(os.path.join(project, 'node_modules', name, 'package.json')) as file:
            installed = json.load(file)
        check(installed['name'] == name, f'{name} is not in node_modules')
        locked(trial, project, name, installed['version'])


def install_proxied(trial):
    seeded(trial)
    project = trial.project({'sound': '^1.0.0', 'wire': '^1.0.0'})
    trial.do('install', cwd=project)
    for name in ('sound', 'wire'):
        trial.installed(project, name, '1.0.0')
        locked(trial, project, name, '1.0.0')
