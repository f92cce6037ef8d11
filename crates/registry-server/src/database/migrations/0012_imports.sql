-- What a package had where it was imported from, when that was last done: by it is known what has changed there since,
-- and what here. The source is the folder that it came from.
CREATE TABLE imports (
    source TEXT NOT NULL,
    package TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (source, package)
);
