-- Packages and their versions. Times are milliseconds since the epoch. A removed package or version keeps its row, so
-- that its name and number are never given to other contents.
CREATE TABLE packages (
    name TEXT NOT NULL PRIMARY KEY,
    -- goes up with every change of what the packument says
    revision BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    removed BIGINT,
    -- 'public' or 'restricted'
    access TEXT NOT NULL,
    readme TEXT,
    readme_filename TEXT
);

CREATE TABLE versions (
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    -- the package's revision that it came with: versions are listed in the order of publication
    ordinal BIGINT NOT NULL,
    published BIGINT NOT NULL,
    publisher TEXT NOT NULL,
    removed BIGINT,
    -- the manifest as it was published, without `deprecated` and the readme
    manifest TEXT NOT NULL,
    deprecated TEXT,
    -- of the tarball: the last segment of its address, the SHA-512 that it is kept under, its length in bytes
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- the bundle that tells where it was built, as JSON
    attestations TEXT,
    PRIMARY KEY (package, version)
);
CREATE UNIQUE INDEX versions_by_file ON versions (package, file);
CREATE INDEX versions_by_digest ON versions (digest);

CREATE TABLE dist_tags (
    package TEXT NOT NULL,
    tag TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (package, tag)
);

CREATE TABLE maintainers (
    package TEXT NOT NULL,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (package, username)
);
CREATE INDEX maintainers_by_username ON maintainers (username);

CREATE TABLE stars (
    package TEXT NOT NULL,
    username TEXT NOT NULL,
    PRIMARY KEY (package, username)
);
CREATE INDEX stars_by_username ON stars (username);

-- what the registry itself must remember: its signing keys, for instance
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
