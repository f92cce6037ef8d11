-- Searches find the packages of upstreams whose packuments are kept.
-- What lists show of the latest version, JSON; none where there is none.
ALTER TABLE upstream_packuments ADD COLUMN summary TEXT;
-- When that was read; zero where there is none.
ALTER TABLE upstream_packuments ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX upstream_packuments_by_change ON upstream_packuments (changed, package, upstream);
