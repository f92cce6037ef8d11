"""What is found and looked at."""
import json

import packages
from families.npm import shows
from trial import Missing, check


def ping(trial):
    trial.be(None)
    trial.do('ping')
    check(any('/-/ping' in one.path and one.status == 200 for one in trial.relay.exchanges), 'the registry was not asked')


def view(trial):
    trial.seed(packages.manifest('seen', '1.0.0', keywords=['looked-at']), packages.manifest('seen', '1.1.0'))
    trial.be(None)
    said = trial.do('view', 'seen').out
    expected = trial.registry.packument('seen')['versions']['1.1.0']
    check(shows(said, 'seen', '1.1.0'), 'it does not show name and version')
    check(expected['dist']['integrity'] in said, 'it does not show the integrity')
    json.loads(said)


def search(trial):
    trial.seed(packages.manifest('haystack', '1.0.0'), packages.manifest('needle', '1.0.0', keywords=['sharp']))
    trial.be(None)
    said = trial.do('search', 'needle').text
    check(shows(said, 'needle', '1.0.0'), 'it does not show what was searched for')
    check(not shows(said, 'haystack'), 'it shows something else')


def stars(trial):
    if not trial.has('star'):
        raise Missing('star')
    trial.seed(packages.manifest('starred', '1.0.0'))
    trial.be(trial.bea)

    def starred():
        return [row['value'] for row in trial.registry.ask('GET', '-/_view/starredByUser?key=%22bea%22')[1]['rows']]
    trial.do('star', 'starred')
    check(starred() == ['starred'], f'after star: {starred()}')
    check(shows(trial.do('stars').text, 'starred'), 'the list does not have it')
    trial.do('unstar', 'starred')
    check(starred() == [], f'after unstar: {starred()}')
