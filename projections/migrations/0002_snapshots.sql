-- Where a process manager begins to read: the runs unfinished at archived position `n`, and the chain's value there.
-- Only the last one is kept.
CREATE TABLE awe.snapshot (
    partition  text   NOT NULL,
    manager    text   NOT NULL,
    form       text   NOT NULL,
    n          bigint NOT NULL,
    epoch      bigint NOT NULL,
    chain      bytea  NOT NULL,
    runs       json   NOT NULL,
    saved_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, manager)
);
