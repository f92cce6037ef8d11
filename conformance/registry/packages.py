"""Packages that are published in the course: as folders for clients, and as npm's request for the registry itself."""
import base64
import gzip
import hashlib
import io
import json
import os
import tarfile


def manifest(name, version, **more):
    return {'name': name, 'version': version, 'description': f'{name} of the conformance matrix', 'main': 'index.js',
            'license': 'MIT', **more}


def source(name, version):
    """What index.js says, so that it is seen which version was installed."""
    return f'module.exports = {json.dumps(f"{name}@{version}")};\n'


def folder(path, document):
    """A folder to publish from."""
    os.makedirs(path)
    name, version = document['name'], document['version']
    files = {'package.json': json.dumps(document, indent=2) + '\n', 'index.js': source(name, version),
             'README.md': f'# {name}\n\nHow {name} is used.\n'}
    for file, text in files.items():
        with open(os.path.join(path, file), 'w') as out:
            out.write(text)
    return path


def tarball(document):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as tar:
        files = {'package.json': json.dumps(document), 'index.js': source(document['name'], document['version'])}
        for file, text in files.items():
            entry = tarfile.TarInfo('package/' + file)
            entry.size, entry.mode = len(text), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(out.getvalue(), mtime=0)


def integrity(data):
    return 'sha512-' + base64.b64encode(hashlib.sha512(data).digest()).decode()


def dist(data, url):
    return {'integrity': integrity(data), 'shasum': hashlib.sha1(data).hexdigest(), 'tarball': url}


# what the file of an attestation is
BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'


def compact(document):
    return json.dumps(document, separators=(',', ':'))


def attestation(document, data):
    """A bundle about a tarball that has all its parts, signed by nobody that there is."""
    name, version = document['name'], document['version']
    subject = {'name': f'pkg:npm/{name.replace("@", "%40", 1)}@{version}', 'digest': {'sha512': hashlib.sha512(data).hexdigest()}}
    statement = {'_type': 'https://in-toto.io/Statement/v1', 'subject': [subject],
                 'predicateType': 'https://slsa.dev/provenance/v1', 'predicate': {}}

    def encoded(text):
        return base64.b64encode(text.encode()).decode()
    envelope = {'payload': encoded(compact(statement)), 'payloadType': 'application/vnd.in-toto+json',
                'signatures': [{'sig': encoded('nobody'), 'keyid': ''}]}
    entry = {'logIndex': '1', 'logId': {'keyId': encoded('no log')}, 'kindVersion': {'kind': 'dsse', 'version': '0.0.1'},
             'integratedTime': '1700000000', 'inclusionPromise': {'signedEntryTimestamp': encoded('no promise')},
             'canonicalizedBody': encoded('{}')}
    material = {'certificate': {'rawBytes': encoded('no certificate')}, 'tlogEntries': [entry], 'timestampVerificationData': None}
    return compact({'mediaType': BUNDLE, 'verificationMaterial': material, 'dsseEnvelope': envelope})


def publication(document, tag='latest', access=None):
    """The body of npm's request."""
    name, version = document['name'], document['version']
    data = tarball(document)
    file = f'{name}-{version}.tgz'
    published = {**document, '_id': f'{name}@{version}', 'dist': dist(data, f'http://registry.example/{name}/-/{file}')}
    attachment = {'content_type': 'application/octet-stream', 'data': base64.b64encode(data).decode(), 'length': len(data)}
    return {'_id': name, 'name': name, 'dist-tags': {tag: version}, 'versions': {version: published}, 'access': access,
            '_attachments': {file: attachment}}
