-- The tables share the file with those of the application, hence the prefix, and the version in a table of ours instead of `user_version`.
create table jobport_queues (
  no integer primary key,
  name text not null unique,
  paused integer not null default 0
);

-- What never changes. Written once and deleted once: everything that moves is in the small tables below.
create table jobport_jobs (
  -- The order of enqueueing. `autoincrement`: the number of a job that was removed must not come back.
  seq integer primary key autoincrement,
  id text not null unique,
  queue integer not null,
  name text not null,
  payload text not null,
  -- JSON; null for none. Keys of groups and unique keys are JSON strings, because SQLite's text cannot hold a lone surrogate.
  headers text,
  policy text,
  -- Minus the priority: the ascending order of the keys is the order of claims.
  rank integer not null default 0,
  -- 1: has a unique key, 2: has a group. In the tables below also 4: someone asked to cancel the job, 8: the head of its group, claimed since
  -- it joined, 16: its handler was about to be called.
  flags integer not null default 0,
  enqueued_at integer not null,
  due_at integer,
  group_key text,
  unique_key text
);

-- An unfinished job is in exactly one of the next four tables.

-- Due, in the order of claims. A row is a run of numbers, mostly those of one enqueue: a row for each job would cost as much as the job.
create table jobport_ready (
  queue integer not null,
  rank integer not null,
  first integer not null,
  last integer not null,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at integer,
  primary key (queue, rank, first)
) without rowid;

-- Due in the future when it was put here.
create table jobport_later (
  seq integer primary key,
  queue integer not null,
  rank integer not null,
  due_at integer not null,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at integer
);
create index jobport_later_due on jobport_later (queue, due_at);

-- Behind the head of its group, due or not.
create table jobport_held (
  queue integer not null,
  group_key text not null,
  seq integer not null,
  rank integer not null,
  due_at integer,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at integer,
  primary key (queue, group_key, seq)
) without rowid;

-- Leased. A row holds jobs of one claim that have everything in common, mostly all of them.
create table jobport_leases (
  no integer primary key,
  queue integer not null,
  claim text not null,
  attempt integer not null,
  flags integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at integer not null,
  lease_until integer not null,
  -- How many, the lowest and the highest number, and all of them as a JSON array.
  jobs integer not null,
  first integer not null,
  last integer not null,
  seqs text not null
);
create index jobport_leases_claim on jobport_leases (claim);
create index jobport_leases_end on jobport_leases (queue, lease_until);

-- The one job of each group that is not held.
create table jobport_heads (
  queue integer not null,
  group_key text not null,
  seq integer not null,
  primary key (queue, group_key)
) without rowid;

-- Who holds a unique key. `until`: not given up before. `released`: the job is finished, only the time still holds the key.
create table jobport_uniques (
  queue integer not null,
  key text not null,
  seq integer not null,
  id text not null,
  until integer not null,
  released integer not null default 0,
  primary key (queue, key)
) without rowid;
create index jobport_uniques_until on jobport_uniques (until) where released = 1;

-- Jobs of one claim that finished together, with the same outcome and the same time to stay. The row is the log that watchers read,
-- the order in which records leave, and what counts are added up from.
create table jobport_endings (
  no integer primary key autoincrement,
  queue integer not null,
  -- 3 completed, 4 dead, 5 cancelled
  state integer not null,
  finished_at integer not null,
  -- The records are visible before `keep_until`, their ids and tokens known before `gone_at`.
  keep_until integer not null,
  gone_at integer not null,
  -- `claim` and `attempt` are the token that ended them; no claim when they were cancelled while they waited.
  claim text,
  attempt integer not null,
  flags integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at integer,
  -- How many are still as they ended here.
  jobs integer not null,
  -- JSON array of all that ended here.
  seqs text not null,
  -- JSON array of the ids that were removed since; watchers that come late still learn of them.
  removed text
);
create index jobport_endings_gone on jobport_endings (gone_at);
create index jobport_endings_state on jobport_endings (queue, state, keep_until);

-- Finished.
create table jobport_finished (
  seq integer primary key,
  ending integer not null
);

create table jobport_results (
  seq integer primary key,
  result text not null
);

-- The token that returned a job to the queue last.
create table jobport_returned (
  seq integer primary key,
  claim text not null,
  attempt integer not null
);

-- What few jobs have. `errors` and `logs` are JSON arrays of strings.
create table jobport_notes (
  seq integer primary key,
  errors text,
  progress text,
  logs text
);
