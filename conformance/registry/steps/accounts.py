"""Who one is: logins, tokens, the profile."""
import browser
from families.npm import shows
from trial import Missing, check


def logged_in(trial, before):
    """There must be one token more, and the client must have kept it."""
    made = set(trial.registry.tokens(trial.ann)) - before
    check(len(made) == 1, f'{len(made)} tokens were made')
    kept = trial.kept_tokens()
    check(len(kept) == 1, f'{len(kept)} tokens are in the configuration')
    status, answer = trial.registry.ask('GET', '-/whoami', token=kept.pop())
    check(status == 200 and answer['username'] == 'ann', 'the token in the configuration is not that of the login')


def login(trial):
    if trial.has('one_command'):
        return login_for_one_command(trial)
    trial.fresh_home()
    trial.be(None)
    before = set(trial.registry.tokens(trial.ann))
    trial.do('login', trial.ann)
    logged_in(trial, before)


def login_for_one_command(trial):
    trial.seed({'name': 'login-tagged', 'version': '1.0.0'})
    trial.fresh_home()
    trial.be(None)
    before = set(trial.registry.tokens(trial.ann))
    said = trial.run(trial.family.one_command(trial.ann, trial.family.tag_add('login-tagged', '1.0.0', 'new')), trial.project())
    check(said.code == 0, 'the command ended with an error')
    check(trial.registry.packument('login-tagged')['dist-tags'].get('new') == '1.0.0', 'the tag is not there')
    check(set(trial.registry.tokens(trial.ann)) == before, 'the token was not revoked')


def login_web(trial):
    if not trial.has('login_web'):
        raise Missing('login_web')
    trial.fresh_home()
    trial.be(None)
    before = set(trial.registry.tokens(trial.ann))
    trial.do('login_web', lambda found: browser.log_in(found.group(0), trial.ann.name, trial.ann.password))
    logged_in(trial, before)


def whoami(trial):
    trial.be(trial.ann)
    check(shows(trial.do('whoami').text, 'ann'), 'it does not say the name')
    trial.be(None)
    check(trial.attempt('whoami').code != 0, 'it names somebody without a token')


def logout(trial):
    if not trial.has('logout'):
        raise Missing('logout')
    login_web(trial)
    token, = trial.kept_tokens()
    trial.do('logout')
    check(token not in trial.kept_tokens(), 'the token is still in the configuration')
    check(trial.registry.ask('GET', '-/whoami', token=token)[0] == 401, 'the token can still be used')


def tokens(trial):
    trial.be(trial.ann)
    before = set(trial.registry.tokens(trial.ann))
    trial.do('token_create', trial.ann)
    made = set(trial.registry.tokens(trial.ann)) - before
    check(len(made) == 1, f'{len(made)} tokens were made')
    key = made.pop()
    listed = trial.do('token_list').text
    check(key[:6] in listed, 'the list does not have the new token')
    trial.do('token_revoke', key)
    check(set(trial.registry.tokens(trial.ann)) == before, 'the token is still there')


def profile(trial):
    trial.be(trial.ann)
    check(shows(trial.do('profile').text, 'ann', 'ann@registry.example'), 'it does not show name and email address')
    trial.do('profile_set', 'fullname', 'Ann of the Matrix')
    said = trial.registry.ask('GET', '-/npm/v1/user', trial.ann)[1]
    check(said['fullname'] == 'Ann of the Matrix', 'the name was not set')


def password(trial):
    if not trial.has('profile_password'):
        raise Missing('profile_password')
    dora, new = trial.registry.make_user('dora'), 'a quite new password for dora'
    trial.be(dora)
    trial.do('profile_password', dora.password, new)
    login = {'name': 'dora', 'password': new}
    status, _ = trial.registry.ask('PUT', '-/user/org.couchdb.user:dora', None, login)
    check(status == 201, 'the new password does not log in')
