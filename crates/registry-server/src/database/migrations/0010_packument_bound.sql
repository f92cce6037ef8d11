-- Packuments of upstreams are kept within a bound: how much each is, and when it was last asked for.
-- Bytes of the compressed document; none where it was kept before they were counted.
ALTER TABLE upstream_packuments ADD COLUMN size BIGINT;
-- To the hour.
ALTER TABLE upstream_packuments ADD COLUMN used BIGINT NOT NULL DEFAULT 0;
UPDATE upstream_packuments SET used = checked;
UPDATE upstream_packuments SET size = 0 WHERE digest IS NULL;
CREATE INDEX upstream_packuments_by_use ON upstream_packuments (used, checked, size);
