-- The cold tier of the event log. What stands in `event` is never changed; only its body may be erased (NULL).

CREATE TABLE awe.installation (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    partitions  integer NOT NULL CHECK (partitions > 0)
);

-- The authoritative row of a partition: every writer locks it and compares before it writes.
CREATE TABLE awe.partition (
    name   text   PRIMARY KEY,
    epoch  bigint NOT NULL,
    head   bigint NOT NULL DEFAULT 0,
    chain  bytea  NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
) WITH (fillfactor = 50);

-- `start_n` is the first position that the epoch could write; NULL: it never came to that.
CREATE TABLE awe.epoch (
    partition  text   NOT NULL REFERENCES awe.partition,
    epoch      bigint NOT NULL,
    start_n    bigint,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, epoch)
);

CREATE TABLE awe.event (
    partition  text   NOT NULL,
    n          bigint NOT NULL,
    run        text   NOT NULL,
    type       text   NOT NULL,
    meta       bytea  NOT NULL,
    body       bytea,
    digest     bytea  NOT NULL,
    PRIMARY KEY (partition, n)
);
CREATE INDEX event_of_run ON awe.event (partition, run, n);

-- The chain's value after event `n`, once per archived batch.
CREATE TABLE awe.checkpoint (
    partition    text   NOT NULL,
    n            bigint NOT NULL,
    chain        bytea  NOT NULL,
    archived_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, n)
);

-- What the archived log still owes, so that a lost hot tier is rebuilt without folding the whole archive.
CREATE TABLE awe.open_run (
    partition  text    NOT NULL,
    run        text    NOT NULL,
    claims     integer NOT NULL,
    PRIMARY KEY (partition, run)
);

CREATE TABLE awe.open_message (
    partition  text   NOT NULL,
    n          bigint NOT NULL,
    append_id  text   NOT NULL,
    run        text   NOT NULL,
    PRIMARY KEY (partition, n)
);

CREATE TABLE awe.reactor (
    partition  text   NOT NULL,
    reactor    text   NOT NULL,
    n          bigint NOT NULL,
    epoch      bigint NOT NULL,
    PRIMARY KEY (partition, reactor)
) WITH (fillfactor = 50);
