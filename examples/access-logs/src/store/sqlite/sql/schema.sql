-- A row for each file that was ever imported, so that it is recognised.
create table if not exists files (
  id integer primary key,
  sha256 text not null unique,
  name text not null,
  bytes integer not null,
  lines integer not null,
  kept integer not null,
  rejected integer not null,
  -- Why it could not be read to its end.
  broken text,
  -- The hash of its first line: files that are versions of one log begin alike.
  first_line text,
  -- The file that has every line of this one, which therefore has no rows in the views below.
  part_of integer references files,
  imported_at text not null default current_timestamp
) strict;
create index if not exists files_first_line on files (first_line) where part_of is null;

-- SQLite has one writer at a time, so a file is written in many short transactions, between which workers and heartbeats get their turn. Its rows count from the moment in
-- which the file has its row in `files`. Until then they belong to a load; one that has no worker any more is `abandoned`, and its rows are removed.
create table if not exists loads (
  file integer primary key autoincrement,
  sha256 text,
  abandoned integer not null default 0
) strict;

-- Lies in the order of the file, which is the order in which it comes.
create table if not exists loaded_requests (
  file integer not null,
  line integer not null,
  at text not null,
  id text,
  level text,
  method text,
  uri text not null,
  reqtime real,
  primary key (file, line)
) strict, without rowid;

create table if not exists loaded_rejects (
  file integer not null,
  line integer not null,
  reason text not null,
  text text not null,
  primary key (file, line)
) strict, without rowid;

-- The count of each uri per day, of each file.
create table if not exists loaded_counts (
  file integer not null,
  day text not null,
  uri text not null,
  count integer not null
) strict;
create index if not exists loaded_counts_day on loaded_counts (day);
create index if not exists loaded_counts_file on loaded_counts (file);

create view if not exists requests as
select * from loaded_requests where file in (select id from files where part_of is null);
create view if not exists rejected_lines as
select * from loaded_rejects where file in (select id from files where part_of is null);
create view if not exists uri_counts as
select * from loaded_counts where file in (select id from files where part_of is null);
