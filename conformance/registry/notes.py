"""What stands below the table: why a client does not do something that is its own doing, or does it in its own way."""

LOGIN, AGAIN, SIGNATURES = 'login with name and password', 'install again, nothing sent twice', 'audit signatures'
SIGSTORE = 'asks a host of the Sigstore project for keys before it asks the registry, and gives up without an answer'

# clients, step, what is said
NOTES = (
    (('npm 6', 'npm 7', 'npm 8', 'pnpm 12'), LOGIN, 'logs in by the browser wherever a registry offers that'),
    (('Yarn 1',), LOGIN, 'logs in for one command, and out again'),
    (('Yarn 1',), AGAIN, 'asks for documents without the tags that it got; tarballs come from its cache'),
    (('Yarn 1',), 'owner add, ls, rm',
     'reads the abbreviated document, which does not say who owns a package, and sends back a list without the owners: the '
     'registry refuses that'),
    (('pnpm 12',), 'access: list collaborators', "expects a list where npm's protocol has an object"),
    (('Yarn 1',), 'team create, add, ls, rm, destroy', "asks at `/team/`, where npm's protocol has `/-/team/`"),
    (('Yarn 1',), 'audit, nothing known', "asks Yarn's own host, whichever registry is configured"),
    (('Yarn 1',), 'audit, an advisory', "asks Yarn's own host, whichever registry is configured"),
    (('npm 9', 'npm 10', 'npm 11', 'npm 12'), SIGNATURES, SIGSTORE),
    (('npm 9', 'npm 10', 'npm 11', 'npm 12'), 'audit signatures, an attestation by nobody', SIGSTORE),
    (('npm 9', 'npm 10', 'npm 11', 'npm 12'), 'publish with an attestation', SIGSTORE),
    (('Yarn 4',), 'publish from a trusted workflow',
     "asks for an id-token for the registry's host and port, where npm asks for the host alone"),
    (('Yarn 4',), 'logout', 'forgets the token without revoking it'),
)


def numbered():
    """The texts in order, and which one belongs to a client and a step."""
    texts, of = [], {}
    for clients, step, text in NOTES:
        if text not in texts:
            texts.append(text)
        for client in clients:
            of[client, step] = texts.index(text) + 1
    return texts, of
