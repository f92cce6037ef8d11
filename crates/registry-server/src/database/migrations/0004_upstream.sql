-- What is kept of upstreams. Times are milliseconds since the epoch. All of it can be fetched again.
CREATE TABLE upstream_packuments (
    upstream TEXT NOT NULL,
    package TEXT NOT NULL,
    -- when the upstream last said so
    checked BIGINT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    -- the SHA-512 that the compressed document is kept under; none where there is no such package
    digest TEXT,
    PRIMARY KEY (upstream, package)
);
CREATE INDEX upstream_packuments_by_digest ON upstream_packuments (digest);

CREATE TABLE upstream_tarballs (
    upstream TEXT NOT NULL,
    package TEXT NOT NULL,
    file TEXT NOT NULL,
    -- what the packument said is in it when it was fetched
    integrity TEXT NOT NULL,
    -- the SHA-512 that it is kept under, its length in bytes
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- when it was last asked for, to the hour
    used BIGINT NOT NULL,
    PRIMARY KEY (upstream, package, file)
);
CREATE INDEX upstream_tarballs_by_use ON upstream_tarballs (used);
CREATE INDEX upstream_tarballs_by_digest ON upstream_tarballs (digest);
