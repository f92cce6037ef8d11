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


def publication(document, tag='latest', access=None):
    """The body of npm's request."""
    name, version = document['name'], document['version']
    data = tarball(document)
    file = f'{name}-{version}.tgz'
    published = {**document, '_id': f'{name}@{version}', 'dist': dist(data, f'http://registry.example/{name}/-/{file}')}
    attachment = {'content_type': 'application/octet-stream', 'data': base64.b64encode(data).decode(), 'length': len(data)}
    return {'_id': name, 'name': name, 'dist-tags': {tag: version}, 'versions': {version: published}, 'access': access,
            '_attachments': {file: attachment}}
