-- Downloads, hooks and staged versions. Times are milliseconds since the epoch, yes and no are 1 and 0.
CREATE TABLE downloads (
    package TEXT NOT NULL,
    -- as in 2026-01-31, UTC
    day TEXT NOT NULL,
    version TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (package, day, version)
);
CREATE INDEX downloads_by_day ON downloads (day);

-- Who is told of changes.
CREATE TABLE hooks (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    -- 'package', 'scope' or 'owner', and which one
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    -- what deliveries are signed with
    secret TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    -- the last attempt, and the status it was answered with; null where there was no answer
    last_delivery BIGINT,
    response_code BIGINT,
    delivered BIGINT NOT NULL
);
CREATE INDEX hooks_by_name ON hooks (kind, name);
CREATE INDEX hooks_by_username ON hooks (username, created);

-- What hooks are still to be told.
CREATE TABLE hook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    hook TEXT NOT NULL,
    package TEXT NOT NULL,
    -- JSON
    event TEXT NOT NULL,
    -- when it is tried next, and how often it was
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX hook_deliveries_by_due ON hook_deliveries (due);
CREATE INDEX hook_deliveries_by_hook ON hook_deliveries (hook);

-- Versions that wait for somebody's approval.
CREATE TABLE staged_versions (
    id TEXT NOT NULL PRIMARY KEY,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- who staged it, and as what: 'user' or 'trusted publisher'
    actor TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    -- what becomes of it when it is approved: JSON
    publication TEXT NOT NULL,
    -- of the tarball: the SHA-512 that it is kept under, its length in bytes
    digest TEXT NOT NULL,
    size BIGINT NOT NULL
);
CREATE UNIQUE INDEX staged_versions_by_version ON staged_versions (package, version);
CREATE INDEX staged_versions_by_digest ON staged_versions (digest);
