-- Who there is, what they show, and what they may do. Times are milliseconds since the epoch, yes and no are 1 and 0.
-- Users and organisations are scopes of packages, so a name belongs to one of them.
CREATE TABLE accounts (
    name TEXT NOT NULL PRIMARY KEY,
    -- 'user' or 'organisation'
    kind TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- argon2id in the PHC format
    password TEXT NOT NULL,
    administrator BIGINT NOT NULL,
    -- what users say of themselves: a JSON object of texts
    profile TEXT NOT NULL,
    -- 'disabled', 'auth-only' or 'auth-and-writes'
    second_factor TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

-- What authenticator apps share with the registry.
CREATE TABLE authenticators (
    username TEXT NOT NULL PRIMARY KEY,
    -- base32
    secret TEXT NOT NULL,
    -- what the second factor becomes when the first code was right; null once it was
    pending TEXT,
    -- the last step of thirty seconds whose code was used
    last_step BIGINT
);

CREATE TABLE recovery_codes (
    username TEXT NOT NULL,
    -- SHA-256 in hexadecimal
    digest TEXT NOT NULL,
    PRIMARY KEY (username, digest)
);

CREATE TABLE tokens (
    -- SHA-256 in hexadecimal
    digest TEXT NOT NULL PRIMARY KEY,
    -- whose it is; null for a trusted publisher's
    username TEXT,
    -- the package of a trusted publisher
    package TEXT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- the beginning of the token
    shown TEXT NOT NULL,
    -- JSON
    limits TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT
);
CREATE INDEX tokens_by_username ON tokens (username, created);
CREATE INDEX tokens_by_expires ON tokens (expires);

CREATE TABLE organisation_members (
    organisation TEXT NOT NULL,
    username TEXT NOT NULL,
    -- 'developer', 'admin' or 'owner'
    role TEXT NOT NULL,
    PRIMARY KEY (organisation, username)
);
CREATE INDEX organisation_members_by_username ON organisation_members (username);

CREATE TABLE teams (
    organisation TEXT NOT NULL,
    team TEXT NOT NULL,
    description TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (organisation, team)
);

CREATE TABLE team_members (
    organisation TEXT NOT NULL,
    team TEXT NOT NULL,
    username TEXT NOT NULL,
    PRIMARY KEY (organisation, team, username)
);
CREATE INDEX team_members_by_username ON team_members (username);

CREATE TABLE team_grants (
    organisation TEXT NOT NULL,
    team TEXT NOT NULL,
    package TEXT NOT NULL,
    -- 'read-only' or 'read-write'
    reach TEXT NOT NULL,
    PRIMARY KEY (package, organisation, team)
);
CREATE INDEX team_grants_by_team ON team_grants (organisation, team);

-- What publishing a package takes beside permission; no row for nothing.
CREATE TABLE package_second_factors (
    package TEXT NOT NULL PRIMARY KEY,
    -- 'required' or 'required-unless-automation'
    second_factor TEXT NOT NULL
);

CREATE TABLE trusted_publishers (
    id TEXT NOT NULL PRIMARY KEY,
    package TEXT NOT NULL,
    -- as `npm trust` sends it
    document TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX trusted_publishers_by_package ON trusted_publishers (package);

-- Id-tokens that were exchanged, until they expire: each is good once.
CREATE TABLE used_id_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);

-- Logins that began at a command line and end in a browser.
CREATE TABLE login_sessions (
    -- what the command line asks with: SHA-256 in hexadecimal
    digest TEXT NOT NULL PRIMARY KEY,
    -- what the browser is sent with
    page TEXT NOT NULL,
    -- where the command line is
    address TEXT NOT NULL,
    -- who logged in; null until somebody did
    username TEXT,
    expires BIGINT NOT NULL
);
CREATE UNIQUE INDEX login_sessions_by_page ON login_sessions (page);

-- What was changed, by whom, from where. Rows are added and never changed.
CREATE TABLE audit_log (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_log_by_time ON audit_log (at);
