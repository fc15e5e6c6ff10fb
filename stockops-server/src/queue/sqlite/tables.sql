CREATE TABLE tasks (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    alias        TEXT NOT NULL,
    key          TEXT NOT NULL,
    lane         INTEGER NOT NULL,
    owner        TEXT,
    work         TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    token        INTEGER NOT NULL DEFAULT 0,
    worker       TEXT,
    cancel       INTEGER NOT NULL DEFAULT 0,
    created      INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    behind       TEXT,
    taken        INTEGER,
    lease        INTEGER,
    ended        INTEGER,
    result       TEXT,
    error        TEXT,
    last_entry   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_task_of_a_key ON tasks (key) WHERE state IN ('queued', 'running');
-- What can be taken once it is due.
CREATE VIEW free AS SELECT seq, lane, due FROM tasks WHERE state = 'queued' AND (behind IS NULL OR NOT EXISTS
    (SELECT 1 FROM tasks AS other WHERE other.id = tasks.behind AND other.state IN ('queued', 'running')));
CREATE INDEX tasks_by_alias ON tasks (alias, seq);
CREATE INDEX queued_tasks ON tasks (lane, due, seq) WHERE state = 'queued';
CREATE INDEX running_tasks ON tasks (lease) WHERE state = 'running';
CREATE INDEX ended_tasks ON tasks (ended) WHERE ended IS NOT NULL;
-- How many are queued, without counting them anew for each push.
CREATE TABLE lengths (queued INTEGER NOT NULL) STRICT;
INSERT INTO lengths VALUES (0);
CREATE TRIGGER count_a_push AFTER INSERT ON tasks BEGIN UPDATE lengths SET queued = queued + 1; END;
CREATE TRIGGER count_a_change AFTER UPDATE OF state ON tasks BEGIN
    UPDATE lengths SET queued = queued + (new.state = 'queued') - (old.state = 'queued');
END;
CREATE TABLE entries (
    task TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
