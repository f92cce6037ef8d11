"""Who else may do something, or is told of it: owners, access, teams, organisations, hooks."""
import packages
from families.npm import shows
from trial import Missing, check


def owners(trial):
    if not trial.has('owner_add'):
        raise Missing('owner_add')
    trial.seed(packages.manifest('owned', '1.0.0'))
    trial.be(trial.ann)

    def names():
        return sorted(one['name'] for one in trial.registry.packument('owned')['maintainers'])
    trial.do('owner_add', 'bea', 'owned')
    check(names() == ['ann', 'bea'], f'after add: {names()}')
    check(shows(trial.do('owner_list', 'owned').text, 'ann', 'bea'), 'the list does not have both')
    trial.do('owner_remove', 'bea', 'owned')
    check(names() == ['ann'], f'after rm: {names()}')


def visibility(trial, name):
    return trial.registry.ask('GET', name.replace('/', '%2f'))[0]


def access_status(trial):
    if not trial.has('access_status'):
        raise Missing('access_status')
    trial.seed(packages.manifest('@acme/told', '1.0.0'), access='restricted')
    trial.be(trial.ann)
    said = trial.do('access_status', '@acme/told').text
    check(shows(said, 'private') or shows(said, 'restricted'), 'it does not say that it is private')


def access(trial):
    if not trial.has('access_set'):
        raise Missing('access_set')
    trial.seed(packages.manifest('@acme/shown', '1.0.0'), access='public')
    trial.be(trial.ann)
    trial.do('access_set', '@acme/shown', False)
    check(visibility(trial, '@acme/shown') == 404, 'everybody sees it still')
    trial.do('access_set', '@acme/shown', True)
    check(visibility(trial, '@acme/shown') == 200, 'not everybody sees it again')


def access_factor(trial):
    if not trial.has('access_factor'):
        raise Missing('access_factor')
    dave = trial.registry.make_user('dave')
    trial.registry.require_one_time_passwords(dave, 'auth-only')
    trial.seed(packages.manifest('guarded', '1.0.0'), user=dave)
    trial.be(dave)

    def required():
        return trial.registry.ask('GET', '-/package/guarded/access', dave)[1]['publish_requires_tfa']
    trial.do('access_factor', 'guarded', True)
    check(required() is True, 'it is not required')
    trial.do('access_factor', 'guarded', False, code=dave.one_time_password())
    check(required() is False, 'it is still required')


def team(trial, name, *users):
    """A team that there is."""
    trial.registry.expect('PUT', '-/org/acme/team', trial.ann, {'name': name})
    for user in users:
        trial.registry.expect('PUT', f'-/team/acme/{name}/user', trial.ann, {'user': user})


def grants(trial):
    if not trial.has('grant'):
        raise Missing('grant')
    team(trial, 'readers', 'bea')
    trial.seed(packages.manifest('@acme/granted', '1.0.0'), access='restricted')
    trial.be(trial.ann)

    def granted():
        return trial.registry.ask('GET', '-/team/acme/readers/package', trial.ann)[1]
    trial.do('grant', 'read-write', 'acme:readers', '@acme/granted')
    check(granted() == {'@acme/granted': 'write'}, f'after grant: {granted()}')
    trial.do('revoke_grant', 'acme:readers', '@acme/granted')
    check(granted() == {}, f'after revoke: {granted()}')


def lists(trial):
    if not trial.has('packages_of'):
        raise Missing('packages_of')
    team(trial, 'listed', 'bea')
    trial.seed(packages.manifest('@acme/listed', '1.0.0'), access='restricted')
    grant = {'package': '@acme/listed', 'permissions': 'read-write'}
    trial.registry.expect('PUT', '-/team/acme/listed/package', trial.ann, grant)
    trial.be(trial.ann)
    for account, organisation in (('acme:listed', True), ('acme', True), ('ann', False)):
        said = trial.do('packages_of', account, organisation).text
        check('@acme/listed' in said, f'the packages of {account} are not listed')


def collaborators(trial):
    if not trial.has('collaborators'):
        raise Missing('collaborators')
    team(trial, 'helpers', 'bea')
    trial.seed(packages.manifest('@acme/common', '1.0.0'), access='restricted')
    grant = {'package': '@acme/common', 'permissions': 'read-write'}
    trial.registry.expect('PUT', '-/team/acme/helpers/package', trial.ann, grant)
    trial.be(trial.ann)
    check(shows(trial.do('collaborators', '@acme/common').text, 'ann', 'bea'), 'the collaborators are not listed')


def teams(trial):
    if not trial.has('team_create'):
        raise Missing('team_create')
    trial.be(trial.ann)

    def all_teams():
        return trial.registry.ask('GET', '-/org/acme/team?format=cli', trial.ann)[1]

    def members():
        return trial.registry.ask('GET', '-/team/acme/builders/user?format=cli', trial.ann)[1]
    trial.do('team_create', 'acme:builders')
    check('acme:builders' in all_teams(), 'it is not there')
    trial.do('team_add', 'acme:builders', 'bea')
    check(members() == ['bea'], f'after add: {members()}')
    check(shows(trial.do('team_list', 'acme').text, 'builders'), 'the list of teams does not have it')
    check(shows(trial.do('team_list', 'acme:builders').text, 'bea'), 'the list of members does not have who was added')
    trial.do('team_remove', 'acme:builders', 'bea')
    check(members() == [], f'after rm: {members()}')
    trial.do('team_destroy', 'acme:builders')
    check('acme:builders' not in all_teams(), 'it is still there')


def members(trial):
    if not trial.has('member_set'):
        raise Missing('member_set')
    trial.registry.make_user('eve')
    trial.be(trial.ann)

    def roles():
        return trial.registry.ask('GET', '-/org/acme/user', trial.ann)[1]
    trial.do('member_set', 'acme', 'eve', 'admin')
    check(roles().get('eve') == 'admin', f'after set: {roles()}')
    check(shows(trial.do('member_list', 'acme').text, 'eve', 'admin'), 'the list does not have who was added')
    trial.do('member_remove', 'acme', 'eve')
    check('eve' not in roles(), f'after rm: {roles()}')


def hooks(trial):
    if not trial.has('hook_add'):
        raise Missing('hook_add')
    trial.seed(packages.manifest('hooked', '1.0.0'))
    trial.be(trial.ann)

    def all_hooks():
        """Their ends, by id."""
        return {hook['id']: hook['endpoint'] for hook in trial.registry.ask('GET', '-/npm/v1/hooks', trial.ann)[1]['objects']}
    first, second = 'https://hooks.registry.example/first', 'https://hooks.registry.example/second'
    trial.do('hook_add', 'hooked', first, 'a secret of hooks')
    check(list(all_hooks().values()) == [first], f'after add: {all_hooks()}')
    name, = all_hooks()
    check(shows(trial.do('hook_list', 'hooked').text, name, 'hooked'), 'the list does not have it')
    trial.do('hook_update', name, second, 'another secret of hooks')
    check(all_hooks() == {name: second}, f'after update: {all_hooks()}')
    trial.do('hook_remove', name)
    check(all_hooks() == {}, f'after rm: {all_hooks()}')
