-- `jobport.` stands for the schema that the tables live in; it is replaced by its quoted name before this is run.
create table jobport.meta (
  version integer not null,
  -- Clients that know less than this must not claim.
  least_client integer not null
);

create table jobport.queues (
  no integer generated always as identity primary key,
  name text collate "C" not null unique,
  paused boolean not null default false
);

-- A name of jobs in a queue: a job carries the number instead of both texts.
create table jobport.kinds (
  no integer generated always as identity primary key,
  queue integer not null references jobport.queues,
  name text collate "C" not null,
  unique (queue, name)
);

-- The order of enqueueing.
create sequence jobport.seqs;
create sequence jobport.claims;

-- What never changes. Written once and deleted once: everything that moves is in the small tables below. Not more than eight columns, and
-- the wide ones first: so a row has the smallest header and no padding.
create table jobport.jobs (
  seq bigint not null,
  enqueued_at bigint not null,
  -- The id, if it is a UUID, else one made from it; then the id itself is in `extra`.
  key uuid not null,
  kind integer not null,
  payload text not null,
  -- Minus the priority: the ascending order of the keys is the order of claims. Null for 0.
  rank integer,
  -- JSON of what few jobs have.
  extra text
);
-- Sixteen jobs to a key: what they have in common is stored once, which takes 9 bytes a job instead of 21. See jobs_from.
create index jobs_seq on jobport.jobs ((seq >> 4)) with (fillfactor = 100);
create unique index jobs_key on jobport.jobs (key) with (fillfactor = 95);

-- An unfinished job is in exactly one of the next four tables.

-- Due. A row is a run of numbers, mostly those of one enqueue, of which `next` to `last` are left: a row for each job would cost as much as the job.
create table jobport.ready (
  queue integer not null,
  rank integer not null,
  -- 0: jobs that were claimed before. They go ahead.
  line smallint not null,
  first bigint not null,
  -- In no index, so that taking jobs from a run is an update in place.
  next bigint not null,
  last bigint not null,
  flags integer not null default 0,
  attempt integer not null default 0,
  failures integer not null default 0,
  crashes integer not null default 0,
  redrives integer not null default 0,
  claimed_at bigint,
  primary key (queue, rank, line, first)
) with (fillfactor = 70);

-- Due in the future when it was put here.
create table jobport.later (
  seq bigint primary key,
  queue integer not null,
  rank integer not null,
  due_at bigint not null,
  flags integer not null default 0,
  attempt integer not null default 0,
  failures integer not null default 0,
  crashes integer not null default 0,
  redrives integer not null default 0,
  claimed_at bigint
);
create index later_due on jobport.later (queue, due_at);

-- Behind the head of its group, due or not.
create table jobport.held (
  seq bigint primary key,
  queue integer not null,
  rank integer not null,
  due_at bigint,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claimed_at bigint,
  group_key text collate "C" not null
);
create index held_group on jobport.held (queue, md5(group_key), seq);

-- Leased. A row holds jobs of one claim that have everything in common. Sets of jobs are bits, 256 to a row, so that taking some out of them costs the same
-- for one job and for all; `block` is the number of the first of them, divided by 256.
create table jobport.leases (
  -- Of the claim.
  no bigint not null,
  until bigint not null,
  claimed_at bigint not null,
  queue integer not null,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  block bigint not null,
  -- The random part of the token.
  claim text not null,
  jobs bit varying not null
) with (fillfactor = 70);
create index leases_block on jobport.leases (block, no);
create index leases_until on jobport.leases (queue, until);

-- The one job of each group that is not held.
create table jobport.heads (
  queue integer not null,
  seq bigint not null unique,
  group_key text collate "C" not null
);
create unique index heads_group on jobport.heads (queue, md5(group_key));

-- Who holds a unique key. `until`: not given up before. `released`: the job is finished, only the time still holds the key.
create table jobport.uniques (
  queue integer not null,
  seq bigint not null unique,
  until bigint not null,
  released boolean not null default false,
  id text not null,
  key text collate "C" not null
);
create unique index uniques_key on jobport.uniques (queue, md5(key));
create index uniques_until on jobport.uniques (until) where released;

-- Jobs of one claim and one block that finished together, with the same outcome and the same time to stay. The row is the log that watchers read,
-- the order in which records leave, and what counts are added up from.
create table jobport.endings (
  -- The transaction: what tells watchers which rows they have not seen yet.
  xid xid8 not null default pg_current_xact_id(),
  block bigint not null,
  finished_at bigint not null,
  -- The records are visible before `keep_until`, their ids and tokens known before `gone_at`.
  keep_until bigint not null,
  gone_at bigint not null,
  -- The claim that ended them, null when they were cancelled while they waited.
  no bigint,
  claimed_at bigint,
  queue integer not null,
  -- 3 completed, 4 dead, 5 cancelled
  state integer not null,
  flags integer not null,
  attempt integer not null,
  failures integer not null,
  crashes integer not null,
  redrives integer not null,
  claim text,
  -- Those that are still as they ended here, and how many they are.
  jobs bit varying not null,
  size integer not null,
  -- Those of them that have a result, and the results in their order; null when there are none.
  resulted bit varying,
  results text[],
  -- The ids of those that left since; watchers that come late still learn of them.
  departed text[]
);
create index endings_block on jobport.endings (queue, state, block);
create index endings_gone on jobport.endings (gone_at);
create index endings_xid on jobport.endings (xid);

-- The token that returned a job to the queue last.
create table jobport.returned (
  seq bigint primary key,
  no bigint not null,
  attempt integer not null,
  claim text not null
);

-- What few jobs have.
create table jobport.notes (
  seq bigint primary key,
  errors text[],
  logs text[],
  progress text
);

-- Who wants to be notified, by channel. A row that is over counts as none.
create table jobport.listeners (
  channel text collate "C" not null,
  -- A client. It need not be notified of what it does itself.
  listener text collate "C" not null,
  until bigint not null,
  primary key (channel, listener)
);

-- One row: when the tables were vacuumed last by a client.
create table jobport.upkeep (
  vacuumed_at bigint not null
);

create type jobport.mobile as (
  seq bigint,
  queue integer,
  rank integer,
  flags integer,
  attempt integer,
  failures integer,
  crashes integer,
  redrives integer,
  claimed_at bigint,
  due_at bigint,
  group_key text
);
