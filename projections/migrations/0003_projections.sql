-- Which versions of which projections are fed, and which of them is read. Their tables stand in a schema of each version.
-- While `building`, a version is written by its builder alone. `decided` is the revision of projection control that made
-- a version live.
CREATE TABLE awe.projection (
    name      text    NOT NULL,
    version   integer NOT NULL,
    code      text    NOT NULL,
    live      boolean NOT NULL DEFAULT false,
    building  boolean NOT NULL DEFAULT false,
    decided   bigint  NOT NULL DEFAULT 0,
    stopped   text,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX one_live_version ON awe.projection (name) WHERE live;

-- Up to which archived event a version's tables hold one partition; moved in the transaction that changes them. Whoever
-- changes them otherwise raises `edition`, so that nobody goes on with rows that he keeps in memory.
CREATE TABLE awe.projection_position (
    name       text    NOT NULL,
    version    integer NOT NULL,
    partition  text    NOT NULL,
    n          bigint  NOT NULL DEFAULT 0,
    edition    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (name, version, partition),
    FOREIGN KEY (name, version) REFERENCES awe.projection ON DELETE CASCADE
) WITH (fillfactor = 50);

-- Who works on the versions of a projection, and since when; he holds an advisory lock meanwhile.
CREATE TABLE awe.projection_work (
    name   text PRIMARY KEY,
    who    text NOT NULL,
    since  timestamptz NOT NULL DEFAULT now()
);

-- Sequences whose event could not be applied: from position `n` on nothing of them is in the tables.
CREATE TABLE awe.parked (
    name       text    NOT NULL,
    version    integer NOT NULL,
    partition  text    NOT NULL,
    sequence   text    NOT NULL,
    n          bigint  NOT NULL,
    events     bigint  NOT NULL,
    error      text    NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version, partition, sequence),
    FOREIGN KEY (name, version) REFERENCES awe.projection ON DELETE CASCADE
);

-- Views over the live versions: what queries read.
CREATE SCHEMA awe_read;
