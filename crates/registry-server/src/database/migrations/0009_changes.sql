-- Changes are read in the order of their times, a part at a time, from the index alone: rows have readmes in them.
DROP INDEX packages_by_modified;
CREATE INDEX packages_by_change ON packages (modified, name, revision, removed);
