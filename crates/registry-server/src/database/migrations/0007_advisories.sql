-- What is known against versions of packages, imported from a vulnerability database. Times are milliseconds since the
-- epoch. All of it can be imported again.
CREATE TABLE advisories (
    -- the database's own name of the advisory
    id TEXT NOT NULL,
    package TEXT NOT NULL,
    -- a number made of the name, by which old clients know it
    number BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    -- 'low', 'moderate', 'high' or 'critical'
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    -- ranges of versions as npm writes them
    vulnerable TEXT NOT NULL,
    patched TEXT NOT NULL,
    -- what is only shown, as a JSON object
    details TEXT NOT NULL,
    PRIMARY KEY (package, id)
);
CREATE INDEX advisories_by_id ON advisories (id);
