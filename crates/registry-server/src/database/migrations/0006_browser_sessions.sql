-- Logins of people in browsers. Times are milliseconds since the epoch, yes and no are 1 and 0.
CREATE TABLE browser_sessions (
    -- of the cookie: SHA-256 in hexadecimal
    digest TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    -- whether the password was right and a one-time password is still to come
    waits_for_code BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX browser_sessions_by_username ON browser_sessions (username);
CREATE INDEX browser_sessions_by_expires ON browser_sessions (expires);

-- when an administrator locked the account; null for one in use
ALTER TABLE users ADD COLUMN disabled BIGINT;

-- what the command line calls itself that waits for a login
ALTER TABLE login_sessions ADD COLUMN client TEXT NOT NULL DEFAULT '';
