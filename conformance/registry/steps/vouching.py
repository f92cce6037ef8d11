"""Who vouches for a version beside a person with a token: who approves it, the workflow that made it, its attestations."""
import glob
import os

import issuer
import packages
from families.npm import shows
from trial import Missing, check


def stage(trial):
    if not trial.has('stage_publish'):
        raise Missing('stage_publish')
    trial.seed(packages.manifest('waiting', '1.0.0'))
    trial.be(trial.ann)

    def staged():
        """The ids of what waits, by version."""
        return {item['version']: item['id'] for item in trial.registry.ask('GET', '-/stage', trial.ann)[1]['items']}

    def versions():
        return list(trial.registry.packument('waiting')['versions'])
    trial.do('stage_publish', cwd=trial.package('waiting', '1.1.0'))
    check(list(staged()) == ['1.1.0'], f'what waits is {staged()}')
    check(versions() == ['1.0.0'], 'it is published already')
    name = staged()['1.1.0']
    check(shows(trial.do('stage_list', 'waiting').text, 'waiting', '1.1.0', name), 'the list does not have it')
    check(shows(trial.do('stage_view', name).text, 'waiting', '1.1.0', name), 'it is not shown')
    folder = trial.project()
    trial.do('stage_download', name, cwd=folder)
    found = glob.glob(os.path.join(folder, '*.tgz'))
    check(len(found) == 1, f'{len(found)} tarballs were downloaded')
    trial.do('stage_approve', name)
    check((versions(), staged()) == (['1.0.0', '1.1.0'], {}), f'after approve: {versions()}, {staged()} waits')
    with open(found[0], 'rb') as file:
        integrity = trial.registry.packument('waiting')['versions']['1.1.0']['dist']['integrity']
        check(packages.integrity(file.read()) == integrity, 'what was downloaded is not what was published')
    trial.do('stage_publish', cwd=trial.package('waiting', '1.2.0'))
    trial.do('stage_reject', staged()['1.2.0'])
    check((versions(), staged()) == (['1.0.0', '1.1.0'], {}), f'after reject: {versions()}, {staged()} waits')


def trust(trial):
    if not trial.has('trust_create'):
        raise Missing('trust_create')
    trial.seed(packages.manifest('trusting', '1.0.0'))
    trial.be(trial.ann)

    def trusted():
        return trial.registry.ask('GET', '-/package/trusting/trust', trial.ann)[1]
    trial.do('trust_create', 'trusting', issuer.REPOSITORY, issuer.WORKFLOW)
    claims = {'repository': issuer.REPOSITORY, 'workflow_ref': {'file': issuer.WORKFLOW}}
    check([one['claims'] for one in trusted()] == [claims], f'after github: {trusted()}')
    name = trusted()[0]['id']
    check(shows(trial.do('trust_list', 'trusting').text, name, issuer.REPOSITORY), 'the list does not have it')
    trial.do('trust_revoke', 'trusting', name)
    check(trusted() == [], f'after revoke: {trusted()}')


def publish_trusted(trial):
    if not trial.has('publish_in_workflow'):
        raise Missing('publish_in_workflow')
    trial.seed(packages.manifest('built', '1.0.0'))
    environment = trial.issuer.environment()
    trial.be(None)

    def versions():
        return list(trial.registry.packument('built')['versions'])
    early = trial.attempt('publish_in_workflow', environment, cwd=trial.package('built', '1.1.0'))
    check(early.code not in (0, None) and versions() == ['1.0.0'], 'it was published before the package trusted the workflow')
    claims = {'repository': issuer.REPOSITORY, 'workflow_ref': {'file': issuer.WORKFLOW}}
    trial.registry.expect('POST', '-/package/built/trust', trial.ann, [{'type': 'github', 'claims': claims}])
    trial.do('publish_in_workflow', environment, cwd=trial.package('built', '1.1.0'))
    check(versions() == ['1.0.0', '1.1.0'], f'there are {versions()}')


def publish_attested(trial):
    if not trial.has('publish_attested'):
        raise Missing('publish_attested')
    document = packages.manifest('attested', '1.0.0')
    data = packages.tarball(document)
    folder = trial.empty()
    bundle = packages.attestation(document, data)
    for file, content in (('attested-1.0.0.tgz', data), ('bundle.json', bundle.encode())):
        with open(os.path.join(folder, file), 'wb') as out:
            out.write(content)
    trial.be(trial.ann)
    trial.do('publish_attested', './attested-1.0.0.tgz', 'bundle.json', cwd=folder)
    check(told(trial, 'attested') == bundle, 'the attestation is not what was sent')


def told(trial, name):
    """The attestation that the registry gives out for a version, where its manifest says that it does."""
    dist = trial.registry.packument(name)['versions']['1.0.0']['dist']
    check('attestations' in dist, 'its manifest names no attestations')
    return packages.compact(trial.registry.document(dist['attestations']['url'])['attestations'][0]['bundle'])


def audit_attested(trial):
    """Nobody that a client could believe signed it, since that takes Sigstore's own services: it must be refused."""
    if not trial.has('audit_attestations'):
        raise Missing('audit_attestations')
    document = packages.manifest('vouched', '1.0.0')
    bundle = packages.attestation(document, packages.tarball(document))
    if trial.registry.packument('vouched') is None:
        body = packages.publication(document)
        body['_attachments']['vouched-1.0.0.sigstore'] = {
            'content_type': packages.BUNDLE, 'data': bundle, 'length': len(bundle)}
        trial.registry.expect('PUT', 'vouched', trial.ann, body)
    check(told(trial, 'vouched') == bundle, 'the attestation is not what was sent')
    trial.fresh_home()
    trial.be(None)
    project = trial.project({'vouched': '1.0.0'})
    trial.do('install', cwd=project)
    said = trial.attempt('audit_attestations', cwd=project)
    check(any('/-/npm/v1/attestations/' in one.path for one in trial.relay.exchanges), 'it did not ask for the attestation')
    check(said.code not in (0, None), f'it ended with {said.code}')
    check('attestation' in said.text and 'vouched' in said.text, 'it does not say which attestation is wrong')
