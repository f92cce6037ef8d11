-- The index of searches follows the packages by the time of their last change.
CREATE INDEX packages_by_modified ON packages (modified);
