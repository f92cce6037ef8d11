"""What is known against what is installed, and who vouches for it."""
import packages
from families.npm import shows
from trial import Missing, check


def audited(trial, name):
    """A project that has a package of the upstream, and what the audit says of it."""
    if not trial.has('audit'):
        raise Missing('audit')
    trial.fresh_home()
    trial.be(None)
    project = trial.project({name: '1.0.0'})
    trial.do('install', cwd=project)
    said = trial.attempt('audit', cwd=project)
    asked = [one for one in trial.relay.exchanges if one.method == 'POST' and one.status == 200]
    check(asked, f'the registry did not answer it: {said.text.strip()[-400:]}')
    return said


def clean(trial):
    said = audited(trial, 'sound')
    check(said.code == 0, f'it ended with {said.code}')
    check('leaky' not in said.text, 'it shows an advisory')


def advisory(trial):
    said = audited(trial, 'leaky')
    check(said.code not in (0, None), f'it ended with {said.code}')
    check(shows(said.text, 'leaky', 'high') or shows(said.text, 'leaky', 'High'), 'it does not show the advisory')


def signatures(trial):
    if not trial.has('audit_signatures'):
        raise Missing('audit_signatures')
    if trial.registry.packument('signed') is None:
        trial.seed(packages.manifest('signed', '1.0.0'))
    trial.fresh_home()
    trial.be(None)
    project = trial.project({'signed': '1.0.0'})
    trial.do('install', cwd=project)
    said = trial.do('audit_signatures', cwd=project)
    check('verified' in said.text and 'invalid' not in said.text, 'it does not say that signatures were verified')
