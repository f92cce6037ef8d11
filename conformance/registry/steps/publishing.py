"""What changes packages."""
import packages
from trial import Missing, check


def published(trial, name, version, tag='latest', by='ann'):
    """A version must be there as it was published, whole, and be told with what the registry adds."""
    packument = trial.registry.packument(name)
    check(packument is not None and version in packument['versions'], f'{name}@{version} is not there')
    check(packument['dist-tags'].get(tag) == version, f'{tag} does not lead to it')
    check([one['name'] for one in packument['maintainers']] == [by], 'it has other maintainers')
    check('How' in packument.get('readme', '') or version != packument['dist-tags'].get('latest'), 'its README is not there')
    found = packument['versions'][version]
    data = trial.registry.bytes(found['dist']['tarball'])
    check(packages.integrity(data) == found['dist']['integrity'], 'the tarball is not what was told')
    check(found['main'] == 'index.js' and found['license'] == 'MIT', 'its manifest is not whole')
    return packument


def ready(trial, user):
    if not trial.has('publish'):
        raise Missing('publish')
    trial.be(user)


def publish(trial):
    ready(trial, trial.ann)
    trial.do('publish', cwd=trial.package('paper'))
    published(trial, 'paper', '1.0.0')


def anonymously(trial, name):
    return trial.registry.ask('GET', name.replace('/', '%2f'))[0]


def publish_scoped(trial):
    ready(trial, trial.ann)
    trial.do('publish', cwd=trial.package('@acme/pin'), access='public')
    published(trial, '@acme/pin', '1.0.0')
    check(anonymously(trial, '@acme/pin') == 200, 'it is not public')


def publish_restricted(trial):
    ready(trial, trial.ann)
    trial.do('publish', cwd=trial.package('@acme/vault'), access='restricted')
    published(trial, '@acme/vault', '1.0.0')
    check(anonymously(trial, '@acme/vault') == 404, 'it is public')


def publish_tagged(trial):
    trial.seed(packages.manifest('tape', '0.9.0'))
    ready(trial, trial.ann)
    trial.do('publish', cwd=trial.package('tape'), tag='next')
    packument = published(trial, 'tape', '1.0.0', 'next')
    check(packument['dist-tags'] == {'latest': '0.9.0', 'next': '1.0.0'}, 'other tags were changed')


def publish_code(trial):
    ready(trial, trial.otto)
    path = trial.package('otto-with-code')
    check(trial.attempt('publish', cwd=path).code != 0, 'it ended well without a one-time password')
    check(trial.registry.packument('otto-with-code') is None, 'it was published without a one-time password')
    trial.do('publish', cwd=path, code=trial.otto.one_time_password())
    published(trial, 'otto-with-code', '1.0.0', by='otto')


def publish_asked(trial):
    ready(trial, trial.otto)
    trial.do('publish', cwd=trial.package('otto-asked'), asked=lambda _: trial.otto.one_time_password())
    published(trial, 'otto-asked', '1.0.0', by='otto')


def publish_again(trial):
    trial.seed(packages.manifest('twice', '1.0.0'))
    before = trial.registry.packument('twice')
    ready(trial, trial.ann)
    said = trial.attempt('publish', cwd=trial.package('twice', keywords=['another']))
    check(said.code not in (0, None), 'it ended well')
    check(trial.registry.packument('twice') == before, 'the package was changed')


def dist_tags(trial):
    trial.seed(packages.manifest('tagged', '1.0.0'), packages.manifest('tagged', '1.1.0'))
    trial.be(trial.ann)

    def tags():
        return trial.registry.packument('tagged')['dist-tags']
    trial.do('tag_add', 'tagged', '1.0.0', 'stable')
    check(tags() == {'latest': '1.1.0', 'stable': '1.0.0'}, f'after add: {tags()}')
    said = trial.do('tag_list', 'tagged').text
    check('stable' in said and '1.0.0' in said and 'latest' in said, 'the list does not have both')
    trial.do('tag_remove', 'tagged', 'stable')
    check(tags() == {'latest': '1.1.0'}, f'after rm: {tags()}')


def deprecate(trial):
    trial.seed(packages.manifest('aged', '1.0.0'), packages.manifest('aged', '1.1.0'))
    trial.be(trial.ann)

    def messages():
        versions = trial.registry.packument('aged')['versions']
        return {version: entry.get('deprecated') for version, entry in versions.items()}
    trial.do('deprecate', 'aged@1.0.0', 'use 1.1.0')
    check(messages() == {'1.0.0': 'use 1.1.0', '1.1.0': None}, f'after deprecate: {messages()}')
    trial.do('undeprecate', 'aged@1.0.0')
    check(not any(messages().values()), f'after undoing: {messages()}')


def unpublish_version(trial):
    trial.seed(packages.manifest('gone', '1.0.0'), packages.manifest('gone', '1.1.0'))
    trial.be(trial.ann)
    trial.do('unpublish', 'gone@1.1.0')
    packument = trial.registry.packument('gone')
    check(packument is not None and list(packument['versions']) == ['1.0.0'], 'not that version alone is gone')
    check(packument['dist-tags'] == {'latest': '1.0.0'}, 'latest does not lead to what is left')
    check(trial.registry.ask('HEAD', 'gone/-/gone-1.1.0.tgz')[0] == 404, 'its tarball is still there')


def unpublish_package(trial):
    trial.seed(packages.manifest('@acme/gone', '1.0.0'), packages.manifest('@acme/gone', '1.1.0'), access='public')
    trial.be(trial.ann)
    trial.do('unpublish', '@acme/gone')
    check(trial.registry.packument('@acme/gone') is None, 'the package is still there')
    check(trial.registry.ask('HEAD', '@acme%2fgone/-/gone-1.1.0.tgz')[0] == 404, 'its tarballs are still there')
